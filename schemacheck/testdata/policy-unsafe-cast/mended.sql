ALTER POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint);
