-- model: format=goose
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, number bigint, at date);
CREATE INDEX CONCURRENTLY invoices_number ON invoices (tenant_id, number);
CREATE INDEX CONCURRENTLY invoices_at ON invoices (tenant_id, at);
REINDEX INDEX CONCURRENTLY invoices_number;
REINDEX TABLE CONCURRENTLY invoices;
DROP INDEX CONCURRENTLY invoices_at;
-- next migration
-- +goose Up
CREATE INDEX invoices_at ON invoices (tenant_id, at);
REINDEX INDEX invoices_at;
DROP INDEX invoices_at;
CREATE TABLE currencies (code text PRIMARY KEY, name text);
