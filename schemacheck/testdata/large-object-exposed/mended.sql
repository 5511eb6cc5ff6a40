ALTER TABLE attachments DROP COLUMN body, ADD COLUMN body bytea;
