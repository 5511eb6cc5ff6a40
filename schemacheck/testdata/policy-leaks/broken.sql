CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON tickets USING (true); -- want policy-leaks "policy everybody of public.tickets lets role app_user see and delete rows of other tenants"
CREATE POLICY tenant ON tickets AS RESTRICTIVE FOR UPDATE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, UPDATE, DELETE ON tickets TO app_user;

-- What is read leaks, so that what is written is no gap.
CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks
    USING (tenant_id IS NOT NULL) -- want policy-leaks "see, change and delete rows of other tenants"
    WITH CHECK (tenant_id IS NOT NULL); -- want policy-leaks "create and turn its own into rows of other tenants"
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_user;

CREATE TABLE articles (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, status text);
ALTER TABLE articles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON articles FOR SELECT
    USING (status = 'published' OR status = 'draft' AND tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); -- want policy-leaks "lets role app_user see rows of other tenants"
GRANT SELECT ON articles TO app_user;

-- The parent confines the row, or a column of its own opens it.
CREATE TABLE comments (id uuid PRIMARY KEY, article_id uuid NOT NULL REFERENCES articles, public boolean NOT NULL);
ALTER TABLE comments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON comments USING (public OR EXISTS (SELECT 1 FROM articles a -- want policy-leaks "policy tenant of public.comments"
    WHERE a.id = comments.article_id AND a.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT ON comments TO app_user;
