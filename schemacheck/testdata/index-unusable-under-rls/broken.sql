CREATE TYPE state AS ENUM ('open', 'paid');
CREATE DOMAIN money_amount AS numeric(12, 2);
CREATE TABLE invoices (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, state state NOT NULL, total money_amount NOT NULL, tags text[], doc jsonb, email text, note text
);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON invoices TO app_user;
CREATE INDEX invoices_state ON invoices (tenant_id, state); -- want index-unusable-under-rls "sorts by state but does not find by it"
CREATE INDEX invoices_total ON invoices (tenant_id, total); -- want index-unusable-under-rls "sorts by total but"
CREATE INDEX invoices_tags ON invoices USING gin (tags); -- want index-unusable-under-rls "gin index invoices_tags of public.invoices is of no use to the application: .* no condition on tags"
CREATE INDEX invoices_doc ON invoices USING gin (doc jsonb_path_ops); -- want index-unusable-under-rls "gin index invoices_doc"
CREATE INDEX invoices_words ON invoices USING gin (to_tsvector('english', note)); -- want index-unusable-under-rls "gin index invoices_words"
CREATE UNIQUE INDEX invoices_email ON invoices (tenant_id, lower(email)); -- want index-unusable-under-rls "sorts by lower\(email\) but"
CREATE INDEX invoices_note ON invoices (tenant_id, note text_pattern_ops); -- want index-unusable-under-rls "sorts by note but"
