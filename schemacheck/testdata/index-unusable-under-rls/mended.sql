DROP INDEX invoices_state, invoices_total, invoices_tags, invoices_doc, invoices_words, invoices_email, invoices_note;
ALTER TABLE invoices ADD COLUMN email_lower text GENERATED ALWAYS AS (lower(email)) STORED;
CREATE UNIQUE INDEX invoices_email ON invoices (tenant_id, email_lower);
