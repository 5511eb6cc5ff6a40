ALTER TABLE projects ADD UNIQUE (tenant_id, id);
ALTER TABLE tasks ADD UNIQUE (tenant_id, id);
ALTER TABLE tasks DROP CONSTRAINT tasks_project_id_fkey,
    ADD FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id) ON DELETE CASCADE;
ALTER TABLE tasks DROP CONSTRAINT tasks_parent_id_fkey,
    ADD FOREIGN KEY (tenant_id, parent_id) REFERENCES tasks (tenant_id, id) ON DELETE SET NULL (parent_id);
ALTER POLICY tenant ON task_links WITH CHECK (task_id IN (SELECT id FROM tasks) AND project_id IN (SELECT id FROM projects));
ALTER TABLE journal_2030 DROP CONSTRAINT journal_2030_project_id_fkey, ADD FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id);
