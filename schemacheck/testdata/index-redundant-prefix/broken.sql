CREATE TABLE invoices (tenant_id uuid NOT NULL, id uuid NOT NULL, number bigint, at date, void boolean, PRIMARY KEY (tenant_id, id));
CREATE INDEX invoices_tenant ON invoices (tenant_id); -- want index-redundant-prefix "index invoices_tenant of public.invoices is superfluous: invoices_pkey begins with the same columns"
CREATE INDEX invoices_at ON invoices (tenant_id, at DESC); -- want index-redundant-prefix "invoices_at .*: invoices_at_number begins"
CREATE INDEX invoices_at_number ON invoices (tenant_id, at DESC, number);
CREATE INDEX invoices_open ON invoices (tenant_id, number) WHERE NOT void; -- want index-redundant-prefix "invoices_open .*: invoices_open_at"
CREATE INDEX invoices_open_at ON invoices (tenant_id, number, at) WHERE NOT void;
CREATE INDEX invoices_month ON invoices (tenant_id, date_part('month', at)); -- want index-redundant-prefix "invoices_month .*: invoices_month_number"
CREATE INDEX invoices_month_number ON invoices (tenant_id, date_part('month', at), number);
CREATE INDEX invoices_void ON invoices (tenant_id, void);
CREATE INDEX invoices_void_again ON invoices (tenant_id, void); -- want index-redundant-prefix "invoices_void_again .*: invoices_void "
CREATE UNIQUE INDEX invoices_number ON invoices (tenant_id, number);
CREATE INDEX invoices_number_twice ON invoices (tenant_id, number); -- want index-redundant-prefix "invoices_number_twice .*: invoices_number "
CREATE TABLE lines (tenant_id uuid NOT NULL, invoice_id uuid NOT NULL, position integer NOT NULL,
	FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id)) PARTITION BY HASH (tenant_id);
CREATE TABLE lines_0 PARTITION OF lines FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE INDEX lines_tenant ON lines (tenant_id); -- want index-redundant-prefix "lines_tenant .*: lines_invoice "
CREATE INDEX lines_invoice ON lines (tenant_id, invoice_id);
