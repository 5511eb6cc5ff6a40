-- +goose Up
CREATE ROLE invoicing_owner;
CREATE ROLE invoicing_app LOGIN;
CREATE ROLE reporting LOGIN BYPASSRLS;

CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE plans (id int PRIMARY KEY, price numeric NOT NULL);
CREATE TABLE customers (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name      text NOT NULL
);
CREATE TABLE invoices (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants (id),
    customer_id uuid NOT NULL REFERENCES customers (id)
);
CREATE TABLE invoice_lines (
    invoice_id uuid NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    n          int  NOT NULL,
    PRIMARY KEY (invoice_id, n)
);

-- +goose Down
DROP TABLE invoice_lines, invoices, customers, plans, tenants;
