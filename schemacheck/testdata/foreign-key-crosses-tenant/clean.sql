CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE projects (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, UNIQUE (tenant_id, id));
ALTER TABLE projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON projects USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE tasks (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES tenants,
    project_id uuid NOT NULL,
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

-- The policy looks the referenced row up.
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, project_id uuid NOT NULL REFERENCES projects);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
                AND EXISTS (SELECT 1 FROM projects p WHERE p.id = project_id));

-- The key of a child's parent is in its other key.
CREATE TABLE steps (task_id uuid NOT NULL REFERENCES tasks, number int NOT NULL, after int, PRIMARY KEY (task_id, number),
    FOREIGN KEY (task_id, after) REFERENCES steps (task_id, number));
ALTER TABLE steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON steps USING (task_id IN (SELECT id FROM tasks));
GRANT SELECT, INSERT, UPDATE, DELETE ON projects, tasks, notes, steps TO app_user;

-- Two foreign keys to one row: the one that carries the tenant holds the other.
CREATE TABLE labels (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, project_id uuid NOT NULL REFERENCES projects,
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id));
ALTER TABLE labels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON labels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON labels TO app_user;
