DROP INDEX customers_email;
DROP INDEX invoices_status_tenant_id_idx, invoices_customer_id_idx, invoices_status_idx, invoices_lower_idx, invoices_doc_idx;
CREATE INDEX ON invoices (tenant_id, status);
DROP INDEX jobs_queued_tenant_id_priority_idx;
CREATE INDEX ON payments (tenant_id, paid_at);
