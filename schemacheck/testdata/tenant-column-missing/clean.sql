-- A tenant table, its child, and a table that a migration tool keeps.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE TABLE invoice_lines (id uuid PRIMARY KEY, invoice_id uuid NOT NULL REFERENCES invoices ON DELETE CASCADE);
CREATE TABLE schema_migrations (version text PRIMARY KEY);
