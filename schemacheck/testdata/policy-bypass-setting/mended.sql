ALTER POLICY tenant ON reports USING (pg_has_role(session_user, 'app_owner', 'member')
    OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY admins ON orders TO app_owner USING (true);
ALTER POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON files USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON visits USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
ALTER POLICY tenant ON logins USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
