DROP POLICY tenant ON tickets;
CREATE POLICY tenant ON tickets AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON tasks WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON articles USING (status IN ('published', 'draft') AND tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE SELECT ON task_steps FROM app_user;
ALTER POLICY tenant ON reports USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE INSERT ON memberships FROM app_user;
