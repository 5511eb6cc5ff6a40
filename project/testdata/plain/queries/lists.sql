-- name: get-lists
SELECT * FROM lists WHERE id = $1;
