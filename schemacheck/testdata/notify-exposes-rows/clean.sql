CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON invoices TO app_user;
CREATE FUNCTION announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('invoices', json_build_object('id', NEW.id, 'tenant', NEW.tenant_id)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER announce AFTER INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION announce();
