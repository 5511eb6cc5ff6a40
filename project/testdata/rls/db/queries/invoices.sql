-- name: ListInvoices :many
SELECT * FROM invoices WHERE customer_id = $1;

-- name: AddLine :exec
INSERT INTO invoice_lines (invoice_id, n) VALUES ($1, $2);
