DROP POLICY tenant ON tickets;
CREATE POLICY tenant ON tickets AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON tasks USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON articles USING (status IN ('published', 'draft') AND tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE SELECT ON comments FROM app_user;
