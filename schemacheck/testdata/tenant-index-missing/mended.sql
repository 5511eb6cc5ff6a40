CREATE INDEX ON invoices (tenant_id, id);
CREATE INDEX ON orders (tenant_id);
CREATE INDEX ON refunds (tenant_id);
CREATE INDEX ON events (tenant_id, at);
