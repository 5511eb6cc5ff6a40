DROP POLICY tenant ON tickets;
CREATE POLICY tenant ON tickets AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON tasks WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY editors ON notes WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY cleaners ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE INSERT ON memberships FROM app_user;
CREATE POLICY editors ON labels FOR UPDATE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE DELETE ON labels FROM app_user;
REVOKE INSERT, UPDATE, DELETE ON plans FROM app_user;
