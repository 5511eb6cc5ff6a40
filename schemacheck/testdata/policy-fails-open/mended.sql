ALTER POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON jobs USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE drafts ALTER COLUMN tenant_id DROP DEFAULT;
ALTER POLICY tenant ON visits USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER POLICY tenant ON labels USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
ALTER POLICY tenant ON plans USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
