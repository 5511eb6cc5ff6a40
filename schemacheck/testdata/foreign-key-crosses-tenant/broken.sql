CREATE TABLE projects (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON projects USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE tasks (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE, -- want foreign-key-crosses-tenant "whoever deletes that row deletes this one with it"
    parent_id  uuid REFERENCES tasks ON DELETE SET NULL -- want foreign-key-crosses-tenant "whoever deletes that row changes this one"
);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- A child of tasks, which may have a project of anybody.
CREATE TABLE task_links (
    task_id    uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    project_id uuid NOT NULL REFERENCES projects, -- want foreign-key-crosses-tenant "foreign key task_links_project_id_fkey of public.task_links does not carry the tenant"
    PRIMARY KEY (task_id, project_id)
);
ALTER TABLE task_links ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON task_links USING (task_id IN (SELECT id FROM tasks));
GRANT SELECT, INSERT, UPDATE, DELETE ON projects, tasks, task_links TO app_user;

-- A reference of one partition alone.
CREATE TABLE journal (tenant_id uuid NOT NULL, at date NOT NULL, project_id uuid) PARTITION BY RANGE (at);
CREATE TABLE journal_2030 PARTITION OF journal FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
ALTER TABLE journal_2030 ADD FOREIGN KEY (project_id) REFERENCES projects; -- want foreign-key-crosses-tenant "foreign key journal_2030_project_id_fkey of public.journal_2030 does not carry the tenant"
ALTER TABLE journal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON journal USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON journal TO app_user;
