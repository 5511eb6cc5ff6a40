ALTER TABLE outbox ADD COLUMN tenant_id uuid NOT NULL;
ALTER TABLE attachments ALTER COLUMN invoice_id SET NOT NULL;
