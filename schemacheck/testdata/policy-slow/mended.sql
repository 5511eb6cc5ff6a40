ALTER FUNCTION tenant() STABLE;
ALTER POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON files USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
ALTER POLICY tenant ON tickets USING (tenant_id = CASE WHEN nullif(current_setting('app.tenant_id', true), '') IS NULL THEN NULL
    ELSE nullif(current_setting('app.tenant_id', true), '')::uuid END);
ALTER POLICY tenant ON labels USING (tenant_id = tenant());
ALTER POLICY tenant ON notes USING (tenant_id = tenant());
ALTER POLICY tenant ON plans USING (tenant_id = ANY (ARRAY(
    SELECT tenant_id FROM members WHERE user_id = nullif(current_setting('app.user_id', true), '')::int)));
