-- name: GetInvoice :one
SELECT tenant_id, id, customer_id, number, currency, total, draft, created_at
FROM invoices
WHERE tenant_id = @tenant_id AND id = @id;

-- name: ListInvoices :many
SELECT i.id, i.number, i.total, c.email
FROM invoices i
JOIN customers c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
WHERE i.tenant_id = @tenant_id
ORDER BY i.created_at DESC
LIMIT @max_rows;

-- name: CreateInvoice :one
INSERT INTO invoices (tenant_id, customer_id, number, currency)
VALUES (@tenant_id, @customer_id, @number, @currency)
RETURNING id;

-- name: AddLine :exec
INSERT INTO invoice_lines (tenant_id, invoice_id, position, amount)
VALUES (@tenant_id, @invoice_id, @position, @amount)
ON CONFLICT (tenant_id, invoice_id, position) DO UPDATE SET amount = excluded.amount;

-- name: FinishInvoice :exec
UPDATE invoices
SET draft = false,
    total = (SELECT coalesce(sum(l.amount), 0) FROM invoice_lines l
             WHERE l.tenant_id = invoices.tenant_id AND l.invoice_id = invoices.id)
WHERE invoices.tenant_id = @tenant_id AND invoices.id = @id;
