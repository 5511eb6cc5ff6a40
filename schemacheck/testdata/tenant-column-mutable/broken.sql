CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON memberships FOR SELECT USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
GRANT SELECT ON memberships TO app_user;

CREATE TABLE documents (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY member ON documents USING (tenant_id IN ( -- want tenant-column-mutable "policy member of public.documents lets role app_user move a row from one tenant of its user to another"
    SELECT m.tenant_id FROM memberships m WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid));
GRANT SELECT, UPDATE ON documents TO app_user;
