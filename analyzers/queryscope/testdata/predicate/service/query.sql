SELECT id, total
FROM invoice
WHERE status = 'open'
