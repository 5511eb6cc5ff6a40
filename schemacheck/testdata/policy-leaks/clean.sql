-- A restrictive policy fences a permissive one that admits all.
CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON tickets USING (true) WITH CHECK (true);
CREATE POLICY tenant ON tickets AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO app_user;

-- USING judges new rows too, and a policy for a role that the application has not.
CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY backfill ON tasks TO app_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_user;

-- The application cannot write the tenant column.
CREATE TABLE notes (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    body      text
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true);
GRANT SELECT, DELETE, INSERT (id, body), UPDATE (body) ON notes TO app_user;

-- A child through its parent.
CREATE TABLE task_steps (id uuid PRIMARY KEY, task_id uuid NOT NULL REFERENCES tasks);
ALTER TABLE task_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON task_steps USING (EXISTS (SELECT 1 FROM tasks t
    WHERE t.id = task_steps.task_id AND t.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT, INSERT ON task_steps TO app_user;

-- A trigger sets the tenant of each row.
CREATE TABLE stamped (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.tenant_id := current_setting('app.tenant_id')::uuid;
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stamped FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE stamped ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stamped USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON stamped TO app_user;

-- Members see their own memberships, and the documents of the tenants they belong to.
CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON memberships FOR SELECT USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE TABLE documents (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON documents USING (EXISTS (SELECT 1 FROM memberships m
    WHERE m.tenant_id = documents.tenant_id AND m.user_id = nullif(current_setting('app.user_id', true), '')::uuid));
GRANT SELECT ON memberships TO app_user;
GRANT SELECT, INSERT ON documents TO app_user;

-- Who is no member of a role cannot choose to be one.
CREATE TABLE reports (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    tenant text;
BEGIN
    tenant := current_setting('app.tenant_id', true);
    IF tenant IS NULL OR tenant = '' THEN
        RAISE EXCEPTION 'no tenant is set';
    END IF;
    RETURN tenant::uuid;
END $$;
CREATE POLICY tenant ON reports
    USING (tenant_id = current_tenant() OR current_user = 'app_owner' OR pg_has_role(current_user, 'app_owner', 'member'));
GRANT SELECT, INSERT ON reports TO app_user;
