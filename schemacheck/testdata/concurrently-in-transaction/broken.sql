-- model: format=goose
-- +goose Up
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, number bigint, at date);
CREATE INDEX invoices_at ON invoices (tenant_id, at);
CREATE TABLE events (tenant_id uuid NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
-- next migration
-- +goose Up
CREATE INDEX CONCURRENTLY invoices_number ON invoices (tenant_id, number); -- want concurrently-in-transaction "CREATE INDEX CONCURRENTLY on public.invoices runs inside a transaction"
REINDEX INDEX CONCURRENTLY invoices_pkey; -- want concurrently-in-transaction "REINDEX CONCURRENTLY on public.invoices"
DROP INDEX CONCURRENTLY invoices_at; -- want concurrently-in-transaction "DROP INDEX CONCURRENTLY on public.invoices"
ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY; -- want concurrently-in-transaction "DETACH PARTITION CONCURRENTLY on public.events"
