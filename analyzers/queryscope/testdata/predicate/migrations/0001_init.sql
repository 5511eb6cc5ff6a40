CREATE TABLE tenant (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE invoice (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenant (id),
    status text NOT NULL,
    total bigint NOT NULL
);
CREATE TABLE payment (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenant (id),
    invoice_id uuid NOT NULL REFERENCES invoice (id),
    amount bigint NOT NULL
);
CREATE TABLE currency (code text PRIMARY KEY, name text NOT NULL);
CREATE TABLE line (id uuid PRIMARY KEY, invoice_id uuid NOT NULL REFERENCES invoice (id), price bigint NOT NULL);
