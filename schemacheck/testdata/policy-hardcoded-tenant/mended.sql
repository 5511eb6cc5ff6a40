ALTER POLICY tenant ON reports USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE orders ALTER COLUMN tenant_id DROP DEFAULT;
ALTER POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint);
REVOKE SELECT ON acme_refunds FROM app_user;
DROP FUNCTION acme_count();
