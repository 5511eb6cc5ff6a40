package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestEffects holds the verdict on what a session's statements set off with rights that are not its own.
func TestEffects(t *testing.T) {
	const tables = `CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text);
CREATE TABLE job (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text, note_id uuid);
ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE job ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON note USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON job USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, DELETE ON note TO app_user; GRANT SELECT ON job TO app_user;
`
	const inner = "CREATE FUNCTION sweep() RETURNS void LANGUAGE sql AS 'DELETE FROM job'; REVOKE EXECUTE ON FUNCTION sweep FROM PUBLIC;\n"
	const ofTenant = "CREATE FUNCTION sweep(t uuid) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM job WHERE tenant_id = t'; REVOKE EXECUTE ON FUNCTION sweep FROM PUBLIC;\n"
	const fires = "CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN DELETE FROM job; RETURN OLD; END$$;\n"
	const current = "nullif(current_setting('app.tenant_id', true), '')::uuid"
	for name, c := range map[string]struct {
		schema, relation, command string
		want                      finding.Verdict
	}{
		"a definer function calls one that the session may not": {
			inner + "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN PERFORM sweep(); END$$;",
			"public.job", "delete", finding.Leaks},
		"by two others": {
			inner + "CREATE FUNCTION g() RETURNS void LANGUAGE sql AS 'SELECT sweep()'; REVOKE EXECUTE ON FUNCTION g FROM PUBLIC; CREATE PROCEDURE f() LANGUAGE sql SECURITY DEFINER AS 'SELECT g()';",
			"public.job", "delete", finding.Leaks},
		"functions that call each other": {
			"CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM f(); END'; CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN PERFORM g(); END'; GRANT DELETE ON job TO app_user;",
			"public.job", "delete", finding.Isolated},
		"with the session's tenant": {
			ofTenant + "CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$SELECT sweep(" + current + ")$$; GRANT DELETE ON job TO app_user;",
			"public.job", "delete", finding.Isolated},
		"with the session's tenant, by name": {
			ofTenant + "CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$SELECT sweep(t => " + current + ")$$; GRANT DELETE ON job TO app_user;",
			"public.job", "delete", finding.Isolated},
		"with the tenant that its own caller names": {
			ofTenant + "CREATE FUNCTION f(x uuid) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$SELECT sweep(x)$$;",
			"public.job", "delete", finding.Leaks},
		"with the tenant of the row that fires it": {
			ofTenant + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN PERFORM sweep(OLD.tenant_id); RETURN OLD; END$$; CREATE TRIGGER f BEFORE DELETE ON note FOR EACH ROW EXECUTE FUNCTION f(); GRANT DELETE ON job TO app_user;",
			"public.job", "delete", finding.Isolated},
		"a call of what cannot be read": {
			"CREATE FUNCTION sweep(q text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE q; END'; REVOKE EXECUTE ON FUNCTION sweep FROM PUBLIC; " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN PERFORM sweep('VACUUM'); RETURN OLD; END$$; CREATE TRIGGER f BEFORE DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.note", "delete", finding.Unknown},
		"a foreign key deletes a row, whose trigger deletes others": {
			fires + "CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid REFERENCES note ON DELETE CASCADE); CREATE TRIGGER t AFTER DELETE ON line FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Leaks},
		"a foreign key clears a column": {
			fires + "CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid REFERENCES note ON DELETE SET NULL); CREATE TRIGGER t AFTER UPDATE ON line FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Leaks},
		"a foreign key's own trigger has the rights of the table's owner before the row goes": {
			"CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid REFERENCES note ON DELETE CASCADE); CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM job; RETURN OLD; END$$; " +
				"CREATE TRIGGER t BEFORE DELETE ON line FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Leaks},
		"and those of the session behind that": {
			"CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid REFERENCES note ON DELETE CASCADE); CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM job; RETURN OLD; END$$; " +
				"CREATE TRIGGER t AFTER DELETE ON line FOR EACH ROW EXECUTE FUNCTION swept(); GRANT DELETE ON job TO app_user;",
			"public.job", "delete", finding.Isolated},
		"a foreign key that acts on no delete": {
			fires + "CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid REFERENCES note); CREATE TRIGGER t AFTER DELETE ON line FOR EACH ROW EXECUTE FUNCTION swept(); GRANT DELETE ON job TO app_user;",
			"public.job", "delete", finding.Isolated},
		"a trigger of a table that the session writes by a definer function": {
			fires + "CREATE TABLE log (what text); CREATE TRIGGER t AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept(); CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$INSERT INTO log VALUES ('f')$$;",
			"public.job", "delete", finding.Leaks},
		"a trigger that runs as the definer whose write fires it": {
			"CREATE TABLE log (what text); CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM job; RETURN NULL; END$$; CREATE TRIGGER t AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept(); " +
				"CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$INSERT INTO log VALUES ('f')$$;",
			"public.job", "delete", finding.Leaks},
		"a trigger that runs as its caller": {
			"CREATE TABLE log (what text); GRANT INSERT ON log TO app_user; GRANT DELETE ON job TO app_user; CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM job; RETURN NULL; END$$; " +
				"CREATE TRIGGER t AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Isolated},
		"a trigger of a table that the session writes by a view": {
			fires + "CREATE TABLE log (what text); CREATE VIEW w AS SELECT * FROM log; GRANT INSERT ON w TO app_user; CREATE TRIGGER t AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Leaks},
		"a trigger of such a table that runs as its caller": {
			"CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM job; RETURN NEW; END$$; GRANT DELETE ON job TO app_user; " +
				"CREATE TABLE log (what text); CREATE VIEW w AS SELECT * FROM log; GRANT INSERT ON w TO app_user; CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Isolated},
		"a call of a function with a tenant of its own": {
			"CREATE FUNCTION sweep() RETURNS bigint LANGUAGE sql SET app.tenant_id = '00000000-0000-4000-8000-00000000000b' AS $$SELECT count(*) FROM job WHERE tenant_id = " + current + "$$; REVOKE EXECUTE ON FUNCTION sweep FROM PUBLIC; " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN PERFORM sweep(); RETURN OLD; END$$; CREATE TRIGGER f BEFORE DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.note", "delete", finding.Unknown},
		"a trigger of a partition's table": {
			fires + "CREATE TABLE log (tenant_id uuid, what text) PARTITION BY LIST (what); CREATE TABLE log_a PARTITION OF log FOR VALUES IN ('a'); GRANT INSERT ON log_a TO app_user; CREATE TRIGGER t AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Leaks},
		"a trigger of a child, which the session writes by its parent": {
			fires + "CREATE TABLE kept () INHERITS (note); CREATE TRIGGER t AFTER DELETE ON kept FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Leaks},
		"a rule of a table that the session writes by a view": {
			"CREATE TABLE log (what text); CREATE VIEW w AS SELECT * FROM log; GRANT INSERT ON w TO app_user; CREATE RULE r AS ON INSERT TO log DO ALSO DELETE FROM job;",
			"public.job", "delete", finding.Leaks},
		"a trigger of a table that a rule writes runs as who sets the rule off": {
			"CREATE FUNCTION swept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM job; RETURN NEW; END$$; GRANT DELETE ON job TO app_user; " +
				"CREATE TABLE log (what text); CREATE RULE r AS ON DELETE TO note DO ALSO INSERT INTO log VALUES ('gone'); CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION swept();",
			"public.job", "delete", finding.Isolated},
		"a trigger that deletes what is not the tenant's": {
			"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN DELETE FROM job WHERE (job.tenant_id, 1) <> (" + current + ", 0); RETURN NULL; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH STATEMENT EXECUTE FUNCTION f();",
			"public.job", "delete", finding.Leaks},
		"a function whose owner's policies ask the rows of every tenant": {
			"CREATE TABLE log (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE job FORCE ROW LEVEL SECURITY; CREATE POLICY newest ON job AS RESTRICTIVE USING (tenant_id = (SELECT max(tenant_id::text)::uuid FROM log)); " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN UPDATE job SET body = 'x'; RETURN OLD; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.note", "delete", finding.Unknown},
		"a function that reads the session's rows, if a policy finds those of others": {
			"CREATE TABLE log (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE job FORCE ROW LEVEL SECURITY; CREATE POLICY wide ON job USING (true); CREATE POLICY newest ON job AS RESTRICTIVE USING (EXISTS (SELECT FROM log WHERE tenant_id = '00000000-0000-4000-8000-00000000000b')); " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN UPDATE job SET body = 'x' WHERE tenant_id = " + current + "; RETURN OLD; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.note", "delete", finding.Unknown},
		"a function whose owner's policies ask the session's rows": {
			"CREATE TABLE log (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE job FORCE ROW LEVEL SECURITY; CREATE POLICY known ON job AS RESTRICTIVE USING (EXISTS (SELECT FROM log l WHERE l.tenant_id = " + current + ")); " +
				"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN UPDATE job SET body = 'x'; RETURN OLD; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.note", "delete", finding.Isolated},
		"a trigger that works on a fixed tenant": {
			"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN DELETE FROM job WHERE tenant_id IN (OLD.tenant_id, '00000000-0000-4000-8000-00000000000b'); RETURN NULL; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.job", "delete", finding.Leaks},
		"a trigger that inserts for a fixed tenant": {
			"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN INSERT INTO job (tenant_id) VALUES ('00000000-0000-4000-8000-00000000000b'); RETURN NULL; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.job", "insert", finding.Leaks},
		"a trigger that works on the tenant that another column names": {
			"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN DELETE FROM job WHERE tenant_id = OLD.body::uuid; RETURN NULL; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();",
			"public.job", "delete", finding.Leaks},
		"a trigger that inserts for the session's tenant": {
			"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN INSERT INTO job (tenant_id) VALUES (" + current + "); RETURN NULL; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f(); GRANT INSERT ON job TO app_user;",
			"public.job", "insert", finding.Isolated},
		"a trigger that an effect of another trigger fires, on a parent": {
			"CREATE TABLE part () INHERITS (job); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN UPDATE note SET body = 'x' WHERE tenant_id = " + current + "; RETURN NULL; END$$; CREATE TRIGGER f AFTER DELETE ON note FOR EACH STATEMENT EXECUTE FUNCTION f(); " +
				"CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN DELETE FROM job; RETURN NULL; END$$; CREATE TRIGGER g AFTER UPDATE ON note FOR EACH STATEMENT EXECUTE FUNCTION g(); GRANT SELECT ON part TO app_user;",
			"public.part", "delete", finding.Leaks},
		"a definer function that reads rows without a tenant while none is set": {
			"ALTER TABLE job ALTER COLUMN tenant_id DROP NOT NULL; CREATE FUNCTION f() RETURNS SETOF job LANGUAGE sql SECURITY DEFINER AS $$SELECT * FROM job WHERE tenant_id IS NOT DISTINCT FROM " + current + "$$;",
			"public.job", "select", finding.Leaks},
		"a definer function that compares for NULL what cannot be": {
			"CREATE FUNCTION f() RETURNS SETOF job LANGUAGE sql SECURITY DEFINER AS $$SELECT * FROM job WHERE tenant_id IS NOT DISTINCT FROM " + current + "$$;",
			"public.job", "select", finding.Isolated},
		"a view deletes what the session may only read, as it may all": {
			"CREATE TABLE log (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, what text); GRANT SELECT ON log TO app_user; CREATE VIEW w AS SELECT what FROM log WHERE tenant_id = coalesce(" + current + ", tenant_id) OR what IS NULL; GRANT SELECT, DELETE ON w TO app_user;",
			"public.w", "delete", finding.Leaks},
		"a view deletes what is the session's, of a table that it reads": {
			"CREATE TABLE log (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, what text); GRANT SELECT ON log TO app_user; CREATE VIEW w WITH (security_barrier) AS SELECT what FROM log WHERE tenant_id = " + current + "; GRANT SELECT, DELETE ON w TO app_user;",
			"public.w", "delete", finding.Isolated},
		"a view of the caller's, with a condition on what the caller may not read": {
			"REVOKE SELECT ON note FROM app_user; DROP POLICY own ON note; CREATE POLICY r ON note FOR SELECT USING (tenant_id = " + current + "); CREATE POLICY d ON note FOR DELETE USING (true); " +
				"CREATE VIEW w WITH (security_invoker) AS SELECT * FROM note WHERE body LIKE '%x%'; GRANT DELETE ON w TO app_user;",
			"public.w", "delete", finding.Leaks},
	} {
		t.Run(name, func(t *testing.T) {
			f := fixture{name: "schema.sql", text: tables + c.schema, model: fixtureModel()}
			cell := cellOf(t, f.matrix(), c.relation, c.command)
			assert.Equal(t, c.want, cell.Verdict, "%s %s", cell.Rule, cell.Reason)
		})
	}
}
