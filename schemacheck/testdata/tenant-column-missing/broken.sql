CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE TABLE outbox (id bigint PRIMARY KEY, payload jsonb NOT NULL); -- want tenant-column-missing "public.outbox belongs to no tenant in a known way"
CREATE TABLE attachments (id uuid PRIMARY KEY, invoice_id uuid REFERENCES invoices); -- want tenant-column-missing "public.attachments belongs to no tenant in a known way"

CREATE TABLE audit_log (id bigint GENERATED ALWAYS AS IDENTITY, new_row jsonb); -- want tenant-column-missing "trigger audit copies rows of public.invoices into it"
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_log (new_row) VALUES (to_jsonb(NEW));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION audit();
GRANT SELECT ON audit_log TO app_user;
