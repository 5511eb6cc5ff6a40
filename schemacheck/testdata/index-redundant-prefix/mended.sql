DROP INDEX invoices_tenant;
DROP INDEX invoices_at;
DROP INDEX invoices_open;
DROP INDEX invoices_month;
DROP INDEX invoices_void_again;
DROP INDEX invoices_number_twice;
DROP INDEX lines_tenant;
