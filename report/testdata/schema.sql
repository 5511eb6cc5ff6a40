CREATE TABLE tenant (id uuid PRIMARY KEY);

CREATE TABLE invoice (
	id uuid PRIMARY KEY,
	tenant_id uuid REFERENCES tenant
);

GRANT SELECT ON invoice TO app_user;
SELECT id FROM invoice WHERE id = $1;
SELECT count(*) FROM invoice;
DO $$ BEGIN EXECUTE 'select ' || 1; END $$;
