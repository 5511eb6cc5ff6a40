-- New rows are the session's tenant's.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, UPDATE ON invoices TO app_user;

CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON memberships FOR SELECT USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
GRANT SELECT ON memberships TO app_user;

-- The application cannot write the tenant column.
CREATE TABLE documents (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, title text);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON documents USING (tenant_id IN (
    SELECT m.tenant_id FROM memberships m WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid));
GRANT SELECT, UPDATE (title) ON documents TO app_user;

-- A trigger refuses.
CREATE TABLE folders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stays'; END $$;
CREATE TRIGGER stay BEFORE UPDATE ON folders FOR EACH ROW WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id) EXECUTE FUNCTION stay();
ALTER TABLE folders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON folders USING (tenant_id IN (
    SELECT m.tenant_id FROM memberships m WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid));
GRANT SELECT, UPDATE ON folders TO app_user;

-- Each user has one tenant.
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON users FOR SELECT USING (id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON notes USING (tenant_id IN (
    SELECT u.tenant_id FROM users u WHERE u.id = nullif(current_setting('app.user_id', true), '')::uuid));
GRANT SELECT ON users TO app_user;
GRANT SELECT, UPDATE ON notes TO app_user;
