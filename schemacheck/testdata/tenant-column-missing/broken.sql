CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE TABLE outbox (id bigint PRIMARY KEY, payload jsonb NOT NULL); -- want tenant-column-missing "public.outbox belongs to no tenant in a known way"
CREATE TABLE attachments (id uuid PRIMARY KEY, invoice_id uuid REFERENCES invoices); -- want tenant-column-missing "public.attachments belongs to no tenant in a known way"
