ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE refunds FORCE ROW LEVEL SECURITY;
ALTER POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY tenant_rows ON files AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
DROP POLICY tenant ON sketches;
CREATE POLICY tenant ON sketches USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
