-- model: superuser inferred=pattern
-- All tenants' schemas get the same, in a loop or one by one.
DO $$ DECLARE tenant text; BEGIN
	FOREACH tenant IN ARRAY ARRAY['acme', 'best', 'core'] LOOP
		EXECUTE format('CREATE SCHEMA %I', tenant);
		EXECUTE format('CREATE TABLE %I.orders (id int PRIMARY KEY, note text, custom jsonb)', tenant);
	END LOOP;
END $$;
ALTER TABLE acme.orders ADD COLUMN cost_centre text;
ALTER TABLE best.orders ADD COLUMN cost_centre text;
ALTER TABLE core.orders ADD COLUMN cost_centre text;
-- A partition for each tenant.
CREATE TABLE events (tenant_id text NOT NULL, at timestamptz NOT NULL, custom jsonb) PARTITION BY LIST (tenant_id);
CREATE TABLE events_acme PARTITION OF events FOR VALUES IN ('acme');
CREATE TABLE events_best PARTITION OF events FOR VALUES IN ('best');
-- Rows of no tenant, of the nil tenant, and of all but some.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid, number bigint, best_before date, CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'));
CREATE INDEX ON invoices (number) WHERE tenant_id IS NULL;
CREATE INDEX ON invoices (tenant_id, number) WHERE tenant_id = '00000000-0000-0000-0000-000000000000';
-- Something else than a tenant's schema.
CREATE SCHEMA audit;
CREATE TABLE audit.entries (at timestamptz);
