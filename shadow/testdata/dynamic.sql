CREATE SCHEMA AUTHORIZATION CURRENT_USER
    CREATE TABLE own (id int PRIMARY KEY, tenant_id uuid)
    CREATE VIEW own_ids AS SELECT id FROM own
    CREATE INDEX own_tenant ON own (tenant_id);
CREATE SCHEMA tenants;
CREATE ROLE app_user;
CREATE FUNCTION protect(s text, t text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', s, t);
    EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', s, t);
    EXECUTE format('CREATE POLICY tenant ON %I.%I USING (tenant_id = current_setting(%L)::uuid)', s, t, 'app.tenant_id');
    EXECUTE format('GRANT SELECT ON %I.%I TO app_user', s, t);
END $$;
CREATE TABLE tenants.invoice (id int, tenant_id uuid NOT NULL);
CREATE TABLE tenants."order" (id int GENERATED ALWAYS AS IDENTITY, tenant_id uuid NOT NULL, total numeric GENERATED ALWAYS AS (1 + 1) STORED);
SELECT protect('tenants', 'invoice');
DO $$
DECLARE t record;
BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'tenants' AND tablename <> 'invoice' LOOP
        PERFORM protect('tenants', t.tablename);
    END LOOP;
END $$;
CREATE DOMAIN amount AS numeric(10, 2) CONSTRAINT positive CHECK (VALUE > 0);
ALTER DOMAIN amount RENAME CONSTRAINT positive TO above_zero;
ALTER TABLE tenants.invoice ADD COLUMN sum amount;
ALTER TABLE tenants.invoice RENAME TO invoices;
ALTER TABLE tenants.invoices RENAME COLUMN sum TO total;
ALTER SCHEMA tenants RENAME TO "Tenants";
ALTER DEFAULT PRIVILEGES IN SCHEMA "Tenants" GRANT SELECT, INSERT ON TABLES TO app_user;
CREATE TABLE "Tenants".late (id int, tenant_id uuid);
ALTER DEFAULT PRIVILEGES IN SCHEMA "Tenants" REVOKE INSERT ON TABLES FROM app_user;
CREATE TABLE "Tenants".latest (LIKE "Tenants".late INCLUDING ALL);
CREATE TABLE parent (id int, tenant_id uuid NOT NULL);
CREATE TABLE child (extra text) INHERITS (parent);
ALTER TABLE parent ADD COLUMN later int NOT NULL DEFAULT 1;
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
CREATE TABLE felt (m mood);
ALTER TABLE felt ALTER COLUMN m TYPE text USING m::text;
DROP TYPE mood;
