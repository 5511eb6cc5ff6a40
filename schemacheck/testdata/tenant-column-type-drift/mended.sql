ALTER TABLE payments ALTER COLUMN tenant_id TYPE uuid USING tenant_id::uuid;
DROP POLICY tenant ON refunds;
ALTER TABLE refunds ALTER COLUMN tenant_id TYPE uuid USING tenant_id::uuid;
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
DROP TABLE orders;
