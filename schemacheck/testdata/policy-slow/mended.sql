ALTER FUNCTION tenant() STABLE;
ALTER POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON files USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
