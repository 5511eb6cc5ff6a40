-- +goose Up
CREATE TABLE tenants (
    id   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL
);

CREATE TABLE currencies (
    code   char(3) PRIMARY KEY,
    digits integer NOT NULL
);

GRANT SELECT ON currencies TO invoicing_app;

-- +goose Down
DROP TABLE currencies;
DROP TABLE tenants;
