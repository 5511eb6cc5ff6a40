ALTER TABLE outbox ADD COLUMN tenant_id uuid NOT NULL;
ALTER TABLE attachments ALTER COLUMN invoice_id SET NOT NULL;
ALTER TABLE audit_log ADD COLUMN tenant_id uuid NOT NULL;
