-- name: CountInvoices :one
SELECT count(*) FROM invoices WHERE draft = false; -- planted: query-unscoped

-- name: GetAPIKey :one
SELECT name FROM api_keys WHERE id = @id; -- planted: query-by-id-unscoped

-- name: SearchCustomers :many
SELECT id, email FROM customers
WHERE (sqlc.narg('tenant_id')::uuid IS NULL OR tenant_id = sqlc.narg('tenant_id')) -- planted: predicate-fails-open
  AND email LIKE @pattern;

-- name: AddNote :exec
INSERT INTO notes (id, text) VALUES (@id, @text); -- planted: insert-without-tenant

-- name: HandOverReminder :exec
UPDATE reminders SET tenant_id = @new_tenant_id -- planted: update-moves-tenant
WHERE tenant_id = @tenant_id AND id = @id;

-- name: SaveAPIKey :exec
INSERT INTO api_keys (tenant_id, id, name) VALUES (@tenant_id, @id, @name) -- planted: upsert-crosses-tenant
ON CONFLICT (id) DO UPDATE SET name = excluded.name;

-- name: TotalsOfGroup :many
SELECT tenant_id, sum(total) FROM invoices -- planted: tenant-list-query
WHERE tenant_id = ANY(@tenant_ids::uuid[])
GROUP BY tenant_id;

-- name: ResetCounters :exec
TRUNCATE counters; -- planted: truncate-tenant-table
