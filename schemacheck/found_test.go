package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// TestFoundByRandomSchemas holds the verdict on schemas that `make differential` once found wrong.
func TestFoundByRandomSchemas(t *testing.T) {
	const tables = `CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text, public boolean);
CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid NOT NULL REFERENCES note, public boolean);
ALTER TABLE line ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT, UPDATE, DELETE ON line TO app_user;
`
	const note = "ALTER TABLE note ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT, UPDATE, DELETE ON note TO app_user;\n"
	const current = "nullif(current_setting('app.tenant_id', true), '')::uuid"
	const own = "tenant_id = " + current
	const stamped = note + "CREATE POLICY own ON note USING (" + own + ") WITH CHECK (true); " +
		"CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.tenant_id := " + current + "; RETURN NEW; END$$;\n"
	const unclear = "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN EXECUTE 'SELECT ' || NEW.body; RETURN NULL; END$$; " +
		"CREATE TRIGGER noted AFTER UPDATE ON note FOR EACH ROW EXECUTE FUNCTION noted();\n"
	const ownNote = note + "CREATE POLICY own ON note USING (" + own + ");\n"
	for name, c := range map[string]struct {
		schema, relation, command string
		want                      finding.Verdict
	}{
		"the parent is the application's own, whom its policies do not bind": {
			ownNote + "RESET ROLE; ALTER TABLE note OWNER TO app_user; CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note));",
			"public.line", "select", finding.Leaks},
		"a definer function asks the parent as its owner, whom no policy binds": {
			ownNote + `CREATE FUNCTION mine(n uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT EXISTS (SELECT FROM note WHERE id = n)';
CREATE POLICY p ON line USING (mine(note_id));`,
			"public.line", "select", finding.Leaks},
		"a definer view shows the parent as its owner sees it": {
			ownNote + "CREATE VIEW all_notes AS SELECT * FROM note; GRANT SELECT ON all_notes TO app_user; CREATE POLICY p ON line USING (note_id IN (SELECT id FROM all_notes));",
			"public.line", "select", finding.Leaks},
		"the parent's policies confine the child's rows": {
			ownNote + "CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note));",
			"public.line", "select", finding.Isolated},
		"the parent cannot be read": {
			"CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note));",
			"public.line", "select", finding.Isolated},
		"the planner leaves the question out": {
			"CREATE POLICY p ON line USING (CASE WHEN true THEN true ELSE note_id IN (SELECT id FROM note) END);",
			"public.line", "select", finding.Leaks},
		"another policy passes what the question would refuse": {
			"CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note)); CREATE POLICY q ON line USING (true);",
			"public.line", "select", finding.Leaks},
		"two lookups of the parent, one or the other": {
			ownNote + "CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note WHERE " + own + ") OR EXISTS (SELECT FROM note n WHERE n.id = line.note_id AND public));",
			"public.line", "select", finding.Isolated},
		"one lookup, or the row's own flag": {
			ownNote + "CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note WHERE " + own + ") OR line.public);",
			"public.line", "select", finding.Leaks},
		"a condition on another column beside one that fails open": {
			note + "CREATE POLICY p ON note USING (length(body) > 0 AND tenant_id = coalesce(current_setting('app.tenant_id', true)::uuid, tenant_id));",
			"public.note", "select", finding.Leaks},
		"TRUNCATE alone is granted, the rest is taken for granted": {
			"REVOKE ALL ON line FROM app_user; ALTER TABLE note ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON note USING (" + own + "); GRANT TRUNCATE ON note TO app_user;",
			"public.note", "truncate", finding.Leaks},
		"new rows through a definer view, whose owner's policy admits a fixed tenant": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note FORCE ROW LEVEL SECURITY; " +
				"CREATE POLICY p ON note FOR INSERT WITH CHECK (tenant_id IN (" + current + ", '00000000-0000-4000-8000-00000000000b')); " +
				"CREATE VIEW notes AS SELECT * FROM note; GRANT ALL ON notes TO app_user;",
			"public.notes", "insert", finding.Leaks},
		"a comparison with true": {
			note + "CREATE POLICY p ON note USING ((" + own + ") = true);",
			"public.note", "select", finding.Isolated},
		"a comparison with false": {
			note + "CREATE POLICY p ON note USING ((" + own + ") = false);",
			"public.note", "select", finding.Leaks},
		"not false, of what is never NULL": {
			note + "CREATE POLICY p ON note USING ((coalesce(" + own + ", false)) IS NOT FALSE);",
			"public.note", "select", finding.Isolated},
		"not unknown, of what is never NULL": {
			note + "CREATE POLICY p ON note USING ((coalesce(" + own + ", false)) IS NOT UNKNOWN);",
			"public.note", "select", finding.Leaks},
		"a new row without a tenant": {
			"CREATE TABLE loose (id uuid PRIMARY KEY, tenant_id uuid); ALTER TABLE loose ENABLE ROW LEVEL SECURITY; GRANT INSERT ON loose TO app_user; CREATE POLICY p ON loose FOR INSERT WITH CHECK (tenant_id IS NOT DISTINCT FROM " + current + ");",
			"public.loose", "insert", finding.Isolated},
		"a definer function that falls back to a tenant": {
			note + "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$SELECT count(*) FROM note WHERE note.tenant_id = coalesce(" + current + ", '00000000-0000-4000-8000-00000000000b'::uuid)$$;",
			"public.note", "select", finding.Leaks},
		"a list of the session's tenant and a fixed one": {
			note + "CREATE POLICY p ON note USING (tenant_id::text = ANY (string_to_array(concat_ws(',', current_setting('app.tenant_id', true), '00000000-0000-4000-8000-00000000000b'), ',')));",
			"public.note", "select", finding.Leaks},
		"a list of tenants that the session has": {
			note + "CREATE POLICY p ON note USING (tenant_id = ANY (('{' || current_setting('app.tenant_id', true) || '}')::uuid[]));",
			"public.note", "select", finding.Isolated},
		"the session's tenant or a fixed one, by a CASE": {
			note + "CREATE POLICY p ON note USING (tenant_id = CASE WHEN current_setting('app.mode', true) = 'x' THEN '00000000-0000-4000-8000-00000000000b'::uuid ELSE " + current + " END);",
			"public.note", "select", finding.Leaks},
		"the session's tenant or nothing, by a CASE": {
			note + "CREATE POLICY p ON note USING (tenant_id = CASE WHEN current_setting('app.mode', true) = 'x' THEN NULL ELSE " + current + " END);",
			"public.note", "select", finding.Isolated},
		"the larger of the session's tenant and a fixed one": {
			note + "CREATE POLICY p ON note USING (tenant_id = greatest(" + current + ", '00000000-0000-4000-8000-00000000000b'));",
			"public.note", "select", finding.Leaks},
		"a copy of the tenant, generated": {
			"CREATE TABLE copied (tenant_id uuid NOT NULL, origin text GENERATED ALWAYS AS (tenant_id::text) STORED); ALTER TABLE copied ENABLE ROW LEVEL SECURITY; " +
				"GRANT SELECT ON copied TO app_user; CREATE POLICY p ON copied USING (origin = current_setting('app.tenant_id', true));",
			"public.copied", "select", finding.Isolated},
		"a part of the tenant, generated": {
			"CREATE TABLE copied (tenant_id uuid NOT NULL, origin text GENERATED ALWAYS AS (left(tenant_id::text, 1)) STORED); ALTER TABLE copied ENABLE ROW LEVEL SECURITY; " +
				"GRANT SELECT ON copied TO app_user; CREATE POLICY p ON copied USING (origin = left(current_setting('app.tenant_id', true), 1));",
			"public.copied", "select", finding.Leaks},
		"a CASE of the role, another one's branch": {
			note + "CREATE POLICY p ON note USING (CASE current_user WHEN 'staff' THEN true ELSE " + own + " END);",
			"public.note", "select", finding.Isolated},
		"a CASE of the role, its own branch": {
			note + "CREATE POLICY p ON note USING (CASE current_user WHEN 'app_user' THEN true ELSE " + own + " END);",
			"public.note", "select", finding.Leaks},
		"a definer function over the session's tenant and a fixed one": {
			note + "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$SELECT count(*) FROM note WHERE note.tenant_id::text = ANY (string_to_array(concat_ws(',', current_setting('app.tenant_id', true), '00000000-0000-4000-8000-00000000000b'), ','))$$;",
			"public.note", "select", finding.Leaks},
		"the list of tenants can be changed": {
			"GRANT SELECT, UPDATE ON tenants TO app_user;",
			"public.tenants", "update", finding.Leaks},
		"a rule in the place of inserting into a view takes the caller's word": {
			ownNote + "CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT, INSERT ON v TO app_user; " +
				"CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO note (tenant_id, body) VALUES (NEW.tenant_id, NEW.body);",
			"public.v", "insert", finding.Leaks},
		"a rule in the place of inserting into a view, for the session's tenant": {
			ownNote + "CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT, INSERT ON v TO app_user; " +
				"CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO note (tenant_id, body) VALUES (" + current + ", NEW.body);",
			"public.v", "insert", finding.Isolated},
		"a definer trigger in the place of inserting into a view takes the caller's word": {
			ownNote + "CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT, INSERT ON v TO app_user; " +
				"CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$BEGIN INSERT INTO note (tenant_id, body) VALUES (NEW.tenant_id, NEW.body); RETURN NEW; END$$; " +
				"CREATE TRIGGER t INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION t();",
			"public.v", "insert", finding.Leaks},
		"a trigger in the place of inserting into a view, with the rights of the caller": {
			ownNote + "CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT, INSERT ON v TO app_user; " +
				"CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO note (tenant_id, body) VALUES (NEW.tenant_id, NEW.body); RETURN NEW; END$$; " +
				"CREATE TRIGGER t INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION t();",
			"public.v", "insert", finding.Isolated},
		"a trigger in the place of inserting into a view, over a table that takes any row": {
			ownNote + "CREATE POLICY wide ON note FOR INSERT WITH CHECK (true); CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT, INSERT ON v TO app_user; " +
				"CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO note (tenant_id, body) VALUES (NEW.tenant_id, NEW.body); RETURN NEW; END$$; " +
				"CREATE TRIGGER t INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION t();",
			"public.v", "insert", finding.Leaks},
		"a view over a table whose policies ask one that shows other tenants": {
			ownNote + "ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; CREATE POLICY others ON tenants USING (id <> " + current + "); GRANT SELECT ON tenants TO app_user; " +
				"CREATE POLICY asks ON note AS RESTRICTIVE USING (EXISTS (SELECT FROM tenants)); CREATE VIEW v WITH (security_invoker) AS SELECT count(*) FROM note; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Unknown},
		"a rule in the place of inserting into a view, over an open table": {
			"GRANT SELECT, INSERT ON note TO app_user; CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT, INSERT ON v TO app_user; " +
				"CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO note (tenant_id, body) VALUES (NEW.tenant_id, NEW.body);",
			"public.v", "insert", finding.Leaks},
		"a filtering view without a barrier, over an open table": {
			"GRANT SELECT ON note TO app_user; CREATE VIEW v AS SELECT * FROM note WHERE " + own + "; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Leaks},
		"a filtering view with a barrier, over an open table": {
			"GRANT SELECT ON note TO app_user; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + "; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Isolated},
		"deletes through a definer view, whose owner's policy lets the caller": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note FORCE ROW LEVEL SECURITY; CREATE POLICY s ON note FOR SELECT USING (" + own + "); " +
				"CREATE POLICY d ON note FOR DELETE USING (current_user = 'app_user' OR " + own + "); CREATE VIEW v AS SELECT * FROM note; GRANT SELECT, DELETE ON v TO app_user;",
			"public.v", "delete", finding.Leaks},
		"inserts through a view whose condition asks a table that the caller may not read": {
			"GRANT SELECT, INSERT ON note TO app_user; CREATE TABLE job (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE job ENABLE ROW LEVEL SECURITY; " +
				"CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note WHERE EXISTS (SELECT FROM job) AND " + own + "; GRANT ALL ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a view whose other commands an error is about": {
			note + "GRANT SELECT, DELETE ON line TO app_user; CREATE VIEW v AS SELECT * FROM note WHERE tenant_id = coalesce(" + current + ", tenant_id); GRANT ALL ON v TO app_user;",
			"public.v", "update", finding.Leaks},
		"a trigger that stamps a fixed tenant while none is set": {
			note + "CREATE POLICY p ON note USING (" + own + "); CREATE POLICY q ON note FOR INSERT WITH CHECK (true); " +
				"CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.tenant_id := coalesce(" + current + ", '00000000-0000-4000-8000-00000000000b'::uuid); RETURN NEW; END$$; " +
				"CREATE TRIGGER stamp BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION stamp();",
			"public.note", "insert", finding.Leaks},
		"a view that falls back to a tenant": {
			note + "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE tenant_id = coalesce(" + current + ", '00000000-0000-4000-8000-00000000000b'); GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Leaks},
		"a view whose condition passes while no tenant is set": {
			note + "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE tenant_id = " + current + " OR coalesce(current_setting('app.tenant_id', true), '') = ''; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Leaks},
		"an invoker view over a view that falls back to a tenant": {
			note + "CREATE VIEW v AS SELECT * FROM note WHERE tenant_id = coalesce(" + current + ", '00000000-0000-4000-8000-00000000000b'); CREATE VIEW w WITH (security_invoker) AS SELECT * FROM v; GRANT SELECT ON v, w TO app_user;",
			"public.w", "select", finding.Leaks},
		"a view that lets new rows of a child through": {
			"CREATE VIEW v AS SELECT * FROM line WHERE EXISTS (SELECT FROM note n WHERE n.id = line.note_id AND n." + own + "); GRANT SELECT, INSERT ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a view whose condition asks the list of tenants lets new rows through": {
			note + "CREATE VIEW v AS SELECT * FROM note WHERE tenant_id IN (SELECT id FROM tenants WHERE id = " + current + "); GRANT SELECT, INSERT ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"an invoker view over an open table lets new rows through": {
			"GRANT INSERT, SELECT ON note TO app_user; CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note WHERE " + own + "; GRANT SELECT, INSERT ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a view with a check option": {
			note + "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + " WITH CHECK OPTION; GRANT SELECT, INSERT ON v TO app_user;",
			"public.v", "insert", finding.Isolated},
		"the policies behind a view ask for the caller's role": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note FORCE ROW LEVEL SECURITY; CREATE POLICY p ON note USING (current_user = 'app_user' OR " + own + "); CREATE VIEW v AS SELECT * FROM note; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Leaks},
		"a view with its own condition": {
			note + "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + "; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Isolated},
		"an invoker view over what the caller may not read": {
			"CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT ON v TO app_user;",
			"public.v", "select", schemacheck.NoAccess},
		"the overload for the type of the argument is the one that is called": {
			note + "CREATE FUNCTION mine(t text) RETURNS boolean LANGUAGE sql STABLE AS $$SELECT t = " + current + "::text$$; CREATE FUNCTION mine(t uuid) RETURNS boolean LANGUAGE sql STABLE AS $$SELECT true$$; CREATE POLICY p ON note USING (mine(tenant_id));",
			"public.note", "select", finding.Leaks},
		"the other overload would leak": {
			note + "CREATE FUNCTION mine(t text) RETURNS boolean LANGUAGE sql STABLE AS $$SELECT true$$; CREATE FUNCTION mine(t uuid) RETURNS boolean LANGUAGE sql STABLE AS $$SELECT t = " + current + "$$; CREATE POLICY p ON note USING (mine(tenant_id));",
			"public.note", "select", finding.Isolated},
		"a function that decides by IF": {
			note + "CREATE FUNCTION mine(t uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$BEGIN IF t IS DISTINCT FROM " + current + " THEN RETURN false; END IF; RETURN true; END$$; CREATE POLICY p ON note USING (mine(tenant_id));",
			"public.note", "select", finding.Isolated},
		"a function that decides by CASE": {
			note + "CREATE FUNCTION mine(t uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$BEGIN CASE WHEN t = " + current + " THEN RETURN true; ELSE RETURN false; END CASE; END$$; CREATE POLICY p ON note USING (mine(tenant_id));",
			"public.note", "select", finding.Isolated},
		"a function that decides by IF, negated": {
			note + "CREATE FUNCTION foreign_row(t uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$BEGIN IF t = " + current + " THEN RETURN false; END IF; RETURN t IS NULL; END$$; CREATE POLICY p ON note USING (NOT foreign_row(tenant_id));",
			"public.note", "select", finding.Leaks},
		"a function that decides in a loop, negated": {
			note + "CREATE FUNCTION foreign_row(t uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$BEGIN FOR i IN 1..2 LOOP IF t = " + current + " THEN RETURN true; END IF; END LOOP; RETURN false; END$$; CREATE POLICY p ON note USING (NOT foreign_row(tenant_id));",
			"public.note", "select", finding.Leaks},
		"a function with a tenant of its own": {
			note + "RESET ROLE; CREATE FUNCTION ctx() RETURNS uuid LANGUAGE sql STABLE SET app.tenant_id = '00000000-0000-4000-8000-00000000000b' AS $$SELECT " + current + "$$; CREATE POLICY p ON note USING (tenant_id = ctx());",
			"public.note", "select", finding.Unknown},
		"a column that RETURNS TABLE names": {
			note + "CREATE FUNCTION ctx() RETURNS TABLE (t uuid) LANGUAGE sql STABLE AS $$SELECT " + current + "$$; CREATE POLICY p ON note USING (tenant_id IN (SELECT t FROM ctx()));",
			"public.note", "select", finding.Isolated},
		"an argument by name": {
			note + "CREATE FUNCTION ctx(s text) RETURNS uuid LANGUAGE sql STABLE AS $$SELECT nullif(current_setting(s, true), '')::uuid$$; CREATE POLICY p ON note USING (tenant_id = ctx(s => 'app.tenant_id'));",
			"public.note", "select", finding.Isolated},
		"a variable declared with a fixed tenant": {
			note + "CREATE FUNCTION ctx() RETURNS uuid LANGUAGE plpgsql STABLE AS $$DECLARE d CONSTANT uuid := '00000000-0000-4000-8000-00000000000b'; BEGIN RETURN coalesce(" + current + ", d); END$$; CREATE POLICY p ON note USING (tenant_id = ctx());",
			"public.note", "select", finding.Leaks},
		"the text of a uuid in as many characters": {
			note + "CREATE POLICY p ON note USING (tenant_id::char(36) = current_setting('app.tenant_id', true));",
			"public.note", "select", finding.Isolated},
		"a definer function that refuses another tenant's argument": {
			note + "CREATE FUNCTION f(t uuid) RETURNS SETOF note LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$BEGIN IF t IS DISTINCT FROM " + current + " THEN RAISE EXCEPTION 'no'; END IF; RETURN QUERY SELECT * FROM note WHERE tenant_id = t; END$$; CREATE POLICY p ON note USING (" + own + ");",
			"public.note", "select", finding.Isolated},
		"a definer function whose argument must be the session's tenant too": {
			note + "CREATE FUNCTION f(t uuid) RETURNS SETOF note LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$SELECT * FROM note WHERE tenant_id = t AND t = " + current + "$$; CREATE POLICY p ON note USING (" + own + ");",
			"public.note", "select", finding.Isolated},
		"a policy with a function whose body is RETURN": {
			note + "CREATE FUNCTION ctx() RETURNS uuid STABLE RETURN " + current + "; CREATE POLICY p ON note USING (tenant_id = ctx());",
			"public.note", "select", finding.Isolated},
		"what was granted is revoked": {
			"REVOKE ALL ON line FROM app_user; GRANT SELECT ON note TO app_user; REVOKE SELECT ON note FROM app_user;",
			"public.note", "select", schemacheck.NoAccess},
		"a stamp that an update of the tenant alone does not fire": {
			stamped + "CREATE TRIGGER s BEFORE INSERT OR UPDATE OF body ON note FOR EACH ROW EXECUTE FUNCTION stamp();",
			"public.note", "update", finding.Leaks},
		"a stamp that a later trigger takes back": {
			stamped + "CREATE TRIGGER s BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION stamp(); CREATE FUNCTION z() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.public THEN NEW.tenant_id := '00000000-0000-4000-8000-00000000000b'; END IF; RETURN NEW; END$$; CREATE TRIGGER z BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION z();",
			"public.note", "insert", finding.Leaks},
		"a list of the session's tenant and a fixed one, which alone is left while no tenant is set": {
			note + "CREATE POLICY p ON note USING (tenant_id::text = ANY (string_to_array(concat_ws(',', current_setting('app.tenant_id', true), '00000000-0000-4000-8000-00000000000b'), ',')) AND tenant_id = COALESCE(" + current + ", tenant_id));",
			"public.note", "select", finding.Leaks},
		"a stamp on a row that a later trigger replaces": {
			stamped + "CREATE TRIGGER s BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION stamp(); CREATE FUNCTION z() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN SELECT * INTO NEW FROM note LIMIT 1; RETURN NEW; END$$; CREATE TRIGGER z BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION z();",
			"public.note", "insert", finding.Leaks},
		"a stamp on each new row": {
			stamped + "CREATE TRIGGER s BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION stamp();",
			"public.note", "update", finding.Isolated},
		"a superuser is a member of every role": {
			"CREATE ROLE staff; ALTER ROLE app_user SUPERUSER; " + note + "ALTER TABLE note FORCE ROW LEVEL SECURITY; CREATE POLICY p ON note USING (pg_has_role(current_user, 'staff', 'member')); CREATE VIEW v AS SELECT * FROM note; GRANT SELECT ON v TO app_user;",
			"public.v", "select", finding.Leaks},
		"a policy counts the memberships": {
			note + "CREATE TABLE member (user_id uuid NOT NULL, tenant_id uuid NOT NULL); GRANT SELECT ON member TO app_user; ALTER TABLE member ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON member USING (user_id = current_setting('app.user_id')::uuid); CREATE POLICY p ON note USING ((SELECT count(*) FROM member m WHERE m.tenant_id = note.tenant_id AND m.user_id = current_setting('app.user_id')::uuid) > 0);",
			"public.note", "select", finding.Isolated},
		"a policy counts memberships, be there none": {
			note + "CREATE TABLE member (user_id uuid NOT NULL, tenant_id uuid NOT NULL); GRANT SELECT ON member TO app_user; ALTER TABLE member ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON member USING (user_id = current_setting('app.user_id')::uuid); CREATE POLICY p ON note USING ((SELECT count(*) FROM member m WHERE m.tenant_id = note.tenant_id AND m.user_id = current_setting('app.user_id')::uuid) >= 0);",
			"public.note", "select", finding.Leaks},
		"a fixed tenant by default, of a column that the session may not write": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ALTER tenant_id SET DEFAULT '00000000-0000-4000-8000-00000000000b'; CREATE POLICY p ON note USING (" + own + ") WITH CHECK (true); GRANT SELECT, INSERT (body) ON note TO app_user;",
			"public.note", "insert", finding.Leaks},
		"the session's tenant by default, of a column that the session may not write": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ALTER tenant_id SET DEFAULT " + current + "; CREATE POLICY p ON note USING (" + own + ") WITH CHECK (true); GRANT SELECT, INSERT (body) ON note TO app_user;",
			"public.note", "insert", finding.Isolated},
		"a stamp that a partition does not fire": {
			"CREATE TABLE part (id uuid, tenant_id uuid NOT NULL) PARTITION BY HASH (id); CREATE TABLE part0 PARTITION OF part FOR VALUES WITH (modulus 1, remainder 0); ALTER TABLE part ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON part USING (" + own + ") WITH CHECK (true); GRANT SELECT, INSERT ON part TO app_user; " +
				stamped + "CREATE TRIGGER s BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION stamp(); ALTER TABLE part0 DISABLE TRIGGER s;",
			"public.part", "insert", finding.Leaks},
		"a stamp that each partition fires": {
			"CREATE TABLE part (id uuid, tenant_id uuid NOT NULL) PARTITION BY HASH (id); CREATE TABLE part0 PARTITION OF part FOR VALUES WITH (modulus 1, remainder 0); ALTER TABLE part ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON part USING (" + own + ") WITH CHECK (true); GRANT SELECT, INSERT ON part TO app_user; " +
				stamped + "CREATE TRIGGER s BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION stamp();",
			"public.part", "insert", finding.Isolated},
		"a stamp that an inheritance child does not have": {
			stamped + "CREATE TRIGGER s BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION stamp(); CREATE TABLE old_note () INHERITS (note);",
			"public.note", "update", finding.Leaks},
		"a view that names the tenant otherwise, by a list": {
			note + "CREATE VIEW v (a, b, c) WITH (security_barrier) AS SELECT id, tenant_id, body FROM note WHERE " + own + "; GRANT SELECT, INSERT (a, b, c) ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a view that names another column like the tenant": {
			note + "CREATE VIEW v (id, body, tenant_id) WITH (security_barrier) AS SELECT id, tenant_id, body FROM note WHERE " + own + "; GRANT SELECT, INSERT (id, body) ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a view that names the tenant otherwise since it was renamed": {
			note + "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + "; ALTER VIEW v RENAME COLUMN tenant_id TO org; GRANT SELECT, INSERT (org) ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a function that sets its argument": {
			note + "CREATE FUNCTION mine(t uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$BEGIN t := " + current + "; RETURN t = " + current + "; END$$; CREATE POLICY p ON note USING (mine(tenant_id));",
			"public.note", "select", finding.Unknown},
		"a rule that copies rows where every tenant reads them": {
			ownNote + "CREATE TABLE audit (id serial PRIMARY KEY, body text); GRANT SELECT ON audit TO app_user; CREATE RULE r AS ON INSERT TO note DO ALSO INSERT INTO audit (body) VALUES (NEW.body);",
			"public.audit", "select", finding.Leaks},
		"a policy that sets the tenant to that of the row": {
			note + "CREATE POLICY p ON note USING (set_config('app.tenant_id', tenant_id::text, true) IS NOT NULL AND " + own + ");",
			"public.note", "select", finding.Unknown},
		"a policy that sets the tenant by a function, beside a restrictive one": {
			note + "CREATE FUNCTION enter(t uuid) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('app.tenant_id', t::text, true); RETURN true; END$$; CREATE POLICY p ON note USING (enter(tenant_id)); CREATE POLICY q ON note AS RESTRICTIVE USING (" + own + ");",
			"public.note", "select", finding.Unknown},
		"a trigger that sets the tenant to that of the new row": {
			ownNote + "CREATE FUNCTION enter() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('app.tenant_id', NEW.tenant_id::text, true); RETURN NEW; END$$; CREATE TRIGGER e BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION enter();",
			"public.note", "insert", finding.Unknown},
		"a trigger that sets something after the row is judged": {
			ownNote + "CREATE FUNCTION enter() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('app.changed', 'on', true); RETURN NULL; END$$; CREATE TRIGGER e AFTER INSERT ON note FOR EACH ROW EXECUTE FUNCTION enter();",
			"public.note", "insert", finding.Isolated},
		"one of two grantors revokes": {
			"RESET ROLE; CREATE ROLE mid; GRANT mid TO app_owner; GRANT SELECT ON note TO mid WITH GRANT OPTION; SET ROLE mid; GRANT SELECT ON note TO app_user; RESET ROLE; GRANT SELECT ON note TO app_user; REVOKE SELECT ON note FROM app_user;",
			"public.note", "select", finding.Leaks},
		"the grantor loses what it granted": {
			"RESET ROLE; CREATE ROLE mid; GRANT mid TO app_owner; GRANT SELECT ON note TO mid WITH GRANT OPTION; SET ROLE mid; GRANT SELECT ON note TO app_user; RESET ROLE; REVOKE SELECT ON note FROM mid CASCADE;",
			"public.note", "select", schemacheck.NoAccess},
		"the schema's own current_setting before PostgreSQL's": {
			note + "CREATE FUNCTION current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$SELECT '00000000-0000-4000-8000-00000000000b'$$; SET search_path = public, pg_catalog; CREATE POLICY p ON note USING (" + own + ");",
			"public.note", "select", finding.Leaks},
		"the schema's own current_setting behind PostgreSQL's": {
			note + "CREATE FUNCTION current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$SELECT '00000000-0000-4000-8000-00000000000b'$$; CREATE POLICY p ON note USING (" + own + ");",
			"public.note", "select", finding.Isolated},
		"the function of the schema that came first, then": {
			"CREATE SCHEMA s; CREATE FUNCTION ctx() RETURNS uuid LANGUAGE sql STABLE AS $$SELECT " + current + "$$; CREATE FUNCTION s.ctx() RETURNS uuid LANGUAGE sql STABLE AS $$SELECT '00000000-0000-4000-8000-00000000000b'::uuid$$; SET search_path = s, public;" + note + "CREATE POLICY p ON note USING (tenant_id = ctx());",
			"public.note", "select", finding.Leaks},
		"a called function raises what the handler takes": {
			note + "CREATE POLICY p ON note USING (" + own + "); ALTER TABLE note DISABLE ROW LEVEL SECURITY; CREATE FUNCTION e() RETURNS void LANGUAGE plpgsql AS $$BEGIN ALTER TABLE note ENABLE ROW LEVEL SECURITY; RAISE EXCEPTION 'x'; END$$; DO $$BEGIN PERFORM e(); EXCEPTION WHEN OTHERS THEN NULL; END$$;",
			"public.note", "select", finding.Leaks},
		"an exception handler undoes row-level security": {
			note + "CREATE POLICY p ON note USING (" + own + "); ALTER TABLE note DISABLE ROW LEVEL SECURITY; DO $$BEGIN ALTER TABLE note ENABLE ROW LEVEL SECURITY; RAISE EXCEPTION 'x'; EXCEPTION WHEN OTHERS THEN NULL; END$$;",
			"public.note", "select", finding.Leaks},
		"a number beside the session's tenant": {
			"CREATE TABLE numbered (tenant_id int NOT NULL); ALTER TABLE numbered ENABLE ROW LEVEL SECURITY; GRANT SELECT ON numbered TO app_user; CREATE POLICY p ON numbered USING (tenant_id = current_setting('app.tenant_id', true)::int + 1);",
			"public.numbered", "select", finding.Unknown},
		"a rule whose condition looks at all rows": {
			ownNote + "CREATE RULE r AS ON INSERT TO note WHERE EXISTS (SELECT FROM note n WHERE n.body = NEW.body) DO INSTEAD NOTHING;",
			"public.note", "select", finding.Leaks},
		"a rule whose condition looks at the session's rows": {
			ownNote + "CREATE RULE r AS ON INSERT TO note WHERE EXISTS (SELECT FROM note n WHERE n.body = NEW.body AND n." + own + ") DO INSTEAD NOTHING;",
			"public.note", "select", finding.Isolated},
		"a rule whose condition looks at the new row": {
			ownNote + "CREATE RULE r AS ON INSERT TO note WHERE NEW.body = '' DO INSTEAD NOTHING;",
			"public.note", "select", finding.Isolated},
		"an exclusion of what other tenants have": {
			ownNote + "CREATE EXTENSION btree_gist; ALTER TABLE note ADD EXCLUDE USING gist (body WITH =, tenant_id WITH <>);",
			"public.note", "insert", finding.Leaks},
		"an exclusion of what the tenant has": {
			ownNote + "CREATE EXTENSION btree_gist; ALTER TABLE note ADD EXCLUDE USING gist (body WITH =, tenant_id WITH OPERATOR(pg_catalog.=));",
			"public.note", "insert", finding.Isolated},
		"a number of a sequence by default, of a column that the session may not write": {
			"CREATE TABLE numbered (tenant_id int GENERATED ALWAYS AS IDENTITY, body text); ALTER TABLE numbered ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT (body) ON numbered TO app_user; CREATE POLICY p ON numbered USING (tenant_id = current_setting('app.tenant_id', true)::int) WITH CHECK (true);",
			"public.numbered", "insert", finding.Leaks},
		"a fixed tenant by default, behind a view that does not show it": {
			note + "ALTER TABLE note ALTER tenant_id SET DEFAULT '00000000-0000-4000-8000-00000000000b'; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + "; GRANT SELECT, INSERT (body) ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"the session's tenant by default, behind a view": {
			note + "REVOKE ALL ON note FROM app_user; ALTER TABLE note ALTER tenant_id SET DEFAULT " + current + "; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + "; GRANT SELECT, INSERT (body) ON v TO app_user;",
			"public.v", "insert", finding.Isolated},
		"a unique key of what is generated of columns that the session writes": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ADD slug text GENERATED ALWAYS AS (lower(body)) STORED UNIQUE; CREATE POLICY p ON note USING (" + own + "); GRANT SELECT, INSERT (tenant_id, body) ON note TO app_user;",
			"public.note", "insert", finding.Leaks},
		"a unique key of what a trigger fills from columns that the session writes": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ADD slug text UNIQUE; CREATE POLICY p ON note USING (" + own + "); GRANT SELECT, INSERT (tenant_id, body) ON note TO app_user; " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.slug := NEW.body; RETURN NEW; END'; CREATE TRIGGER t BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.note", "insert", finding.Leaks},
		"a unique key of one value by default": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ADD slug text DEFAULT 'x' UNIQUE; CREATE POLICY p ON note USING (" + own + "); GRANT SELECT, INSERT (tenant_id, body), UPDATE (body) ON note TO app_user;",
			"public.note", "insert", finding.Leaks},
		"a unique key of one value by default, of a row that is there": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ADD slug text DEFAULT 'x' UNIQUE; CREATE POLICY p ON note USING (" + own + "); GRANT SELECT, INSERT (tenant_id, body), UPDATE (body) ON note TO app_user;",
			"public.note", "update", finding.Isolated},
		"a unique key of what the session does not write": {
			"ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note ADD slug text UNIQUE; CREATE POLICY p ON note USING (" + own + "); GRANT SELECT, INSERT (tenant_id, body) ON note TO app_user;",
			"public.note", "insert", finding.Isolated},
		"a new row without a tenant, or for a fixed one while none is set": {
			"CREATE TABLE draft (tenant_id uuid, body text); ALTER TABLE draft ENABLE ROW LEVEL SECURITY; GRANT INSERT ON draft TO app_user; CREATE POLICY p ON draft FOR INSERT WITH CHECK (tenant_id IS NOT DISTINCT FROM coalesce(" + current + ", '00000000-0000-4000-8000-00000000000b'));",
			"public.draft", "insert", finding.Leaks},
		"a new row without a tenant, or for the session's": {
			"CREATE TABLE draft (tenant_id uuid, body text); ALTER TABLE draft ENABLE ROW LEVEL SECURITY; GRANT INSERT ON draft TO app_user; CREATE POLICY p ON draft FOR INSERT WITH CHECK (tenant_id IS NOT DISTINCT FROM " + current + ");",
			"public.draft", "insert", finding.Isolated},
		"a unique key behind a view": {
			note + "REVOKE ALL ON note FROM app_user; CREATE UNIQUE INDEX ON note (body); CREATE VIEW v (a, b, c) WITH (security_barrier) AS SELECT id, tenant_id, body FROM note WHERE " + own + " WITH CHECK OPTION; GRANT SELECT, INSERT (a, b, c) ON v TO app_user;",
			"public.v", "insert", finding.Leaks},
		"a unique key behind a view that does not show its column": {
			note + "REVOKE ALL ON note FROM app_user; CREATE UNIQUE INDEX ON note (body); CREATE VIEW v WITH (security_barrier) AS SELECT id, tenant_id FROM note WHERE " + own + " WITH CHECK OPTION; GRANT SELECT, INSERT ON v TO app_user;",
			"public.v", "insert", finding.Isolated},
		"the rows of the role that all tenants connect as": {
			"CREATE TABLE draft (tenant_id uuid, owner_name name); ALTER TABLE draft ENABLE ROW LEVEL SECURITY; GRANT SELECT ON draft TO app_user; CREATE POLICY p ON draft USING (owner_name = current_user AND tenant_id IS NOT NULL);",
			"public.draft", "select", finding.Unknown},
		"the rows of the session's user": {
			"CREATE TABLE draft (tenant_id uuid, owner_id uuid); ALTER TABLE draft ENABLE ROW LEVEL SECURITY; GRANT SELECT ON draft TO app_user; CREATE POLICY p ON draft USING (owner_id = current_setting('app.user_id')::uuid AND tenant_id IS NOT NULL);",
			"public.draft", "select", finding.Isolated},
		"a view over a table whose trigger nobody can tell about": {
			note + unclear + "REVOKE ALL ON note FROM app_user; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + " WITH CHECK OPTION; GRANT SELECT, INSERT, UPDATE, DELETE ON v TO app_user;",
			"public.v", "update", finding.Unknown},
		"a view over a table whose trigger another command fires": {
			note + unclear + "REVOKE ALL ON note FROM app_user; CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE " + own + " WITH CHECK OPTION; GRANT SELECT, INSERT, UPDATE, DELETE ON v TO app_user;",
			"public.v", "delete", finding.Isolated},
		"a key cascades to a table whose trigger nobody can tell about": {
			ownNote + unclear + "CREATE TABLE page (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE page ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON page USING (" + own + "); GRANT SELECT, DELETE ON page TO app_user; ALTER TABLE note ADD page_id uuid REFERENCES page ON DELETE SET NULL;",
			"public.page", "delete", finding.Unknown},
		"a trigger stands in for writing to a table whose trigger nobody can tell about": {
			note + unclear + "REVOKE ALL ON note FROM app_user; CREATE VIEW v WITH (security_barrier) AS SELECT DISTINCT * FROM note WHERE " + own + "; GRANT SELECT, UPDATE ON v TO app_user; " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN UPDATE note SET body = NEW.body WHERE id = OLD.id AND " + own + "; RETURN NEW; END$$; CREATE TRIGGER t INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION f();",
			"public.v", "update", finding.Unknown},
		"a trigger logs for a fixed tenant where the session's is that of the row": {
			"CREATE TABLE log (tenant_id uuid, body text); ALTER TABLE log ENABLE ROW LEVEL SECURITY; GRANT INSERT ON log TO app_user; CREATE POLICY own ON log USING (" + own + ");" + ownNote +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN INSERT INTO log VALUES (coalesce(nullif(" + current + ", NEW.tenant_id), '00000000-0000-4000-8000-00000000000b'), NEW.body); RETURN NULL; END$$; CREATE TRIGGER t AFTER INSERT ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.log", "insert", finding.Leaks},
		"a rule works on a table whose policy passes who sets the rule off": {
			ownNote + "REVOKE ALL ON note FROM app_user; ALTER TABLE note FORCE ROW LEVEL SECURITY; CREATE POLICY app ON note USING (current_user = 'app_user'); CREATE RULE r AS ON DELETE TO line DO ALSO DELETE FROM note;",
			"public.note", "delete", finding.Leaks},
		"a rule works on a table whose policy passes its owner alone": {
			"CREATE TABLE page (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE page ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON page USING (" + own + "); GRANT SELECT, DELETE ON page TO app_user;" +
				ownNote + "REVOKE ALL ON note FROM app_user; ALTER TABLE note FORCE ROW LEVEL SECURITY; CREATE POLICY owner ON note USING (current_user = 'app_owner'); CREATE RULE r AS ON DELETE TO page DO ALSO DELETE FROM note;",
			"public.page", "delete", finding.Isolated},
		"a rule works on a table whose policies ask another": {
			ownNote + "CREATE TABLE page (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE page ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON page USING (" + own + "); GRANT SELECT, DELETE ON page TO app_user;" +
				"CREATE TABLE other (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE other ENABLE ROW LEVEL SECURITY; ALTER TABLE other FORCE ROW LEVEL SECURITY; CREATE POLICY p ON other USING (" + own + " AND EXISTS (SELECT FROM tenants)); CREATE RULE r AS ON DELETE TO page DO ALSO DELETE FROM other;",
			"public.page", "delete", finding.Unknown},
		"a policy asks a table that shows every tenant": {
			ownNote + "GRANT SELECT ON tenants TO app_user; CREATE POLICY open ON note FOR SELECT USING (true); CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note WHERE " + own + ") AND EXISTS (SELECT FROM note));",
			"public.line", "select", finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			f := fixture{name: "schema.sql", text: tables + c.schema, model: tenancy.Model{
				Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, Enforcement: tenancy.EnforceRLS, Registry: "tenants",
				Roles: tenancy.Roles{App: []string{"app_user"}, Owner: []string{"app_owner"}},
			}}
			cell := cellOf(t, f.matrix(), c.relation, c.command)
			assert.Equal(t, c.want, cell.Verdict, "%s %s", cell.Rule, cell.Reason)
		})
	}
}
