-- name: Orders :many
SELECT * FROM orders WHERE shop = $1;
