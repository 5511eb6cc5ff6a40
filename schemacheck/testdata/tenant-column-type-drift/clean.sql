-- Text of any length is text, a domain is its base, and integers share their indexes.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id text NOT NULL);
CREATE TABLE payments (id uuid PRIMARY KEY, tenant_id varchar(40) NOT NULL);
CREATE DOMAIN tenant AS text;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id tenant NOT NULL);
