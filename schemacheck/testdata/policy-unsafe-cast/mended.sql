ALTER POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint);
ALTER POLICY tenant ON files USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE OR REPLACE FUNCTION tenant() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
