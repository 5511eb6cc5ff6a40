-- name: ListPayments :many
SELECT id FROM payment WHERE tenant_id = $1;

-- name: DeletePayment :exec
DELETE FROM payment WHERE id = $1;

-- name: AllPayments :many
SELECT id FROM payment;
