CREATE TABLE invoices (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, number bigint, at date, void boolean, note text,
	UNIQUE (tenant_id, number)
);
-- Each of these differs from the one that begins with the same columns.
CREATE INDEX invoices_at ON invoices (tenant_id, at);
CREATE INDEX invoices_at_desc ON invoices (tenant_id, at DESC, number);
CREATE INDEX invoices_void ON invoices (tenant_id, at, id) WHERE void;
CREATE INDEX invoices_note ON invoices (tenant_id, note);
CREATE INDEX invoices_note_like ON invoices (tenant_id, note text_pattern_ops, at);
CREATE INDEX invoices_note_c ON invoices (tenant_id, note COLLATE "C", at);
CREATE INDEX invoices_covering ON invoices (tenant_id, void) INCLUDE (note);
CREATE INDEX invoices_void_number ON invoices (tenant_id, void, number);
CREATE INDEX invoices_number_hash ON invoices USING hash (number);
CREATE INDEX invoices_number ON invoices (number, at);
-- A key is more than an index.
CREATE UNIQUE INDEX invoices_once ON invoices (tenant_id, id);
CREATE INDEX invoices_once_at ON invoices (tenant_id, id, at);
-- All tenants share it.
CREATE TABLE jobs (id bigint, kind text, at date);
CREATE INDEX ON jobs (kind);
CREATE INDEX ON jobs (kind, at);
