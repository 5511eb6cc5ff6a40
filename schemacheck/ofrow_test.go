package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestOfRow holds the verdict on triggers and rules with an owner's rights by the tenant that their statements name.
func TestOfRow(t *testing.T) {
	const current = "nullif(current_setting('app.tenant_id', true), '')::uuid"
	const fixed = "'00000000-0000-4000-8000-00000000000b'"
	const tables = `CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text, other uuid);
CREATE TABLE log (tenant_id uuid NOT NULL, what text);
ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE log ENABLE ROW LEVEL SECURITY; GRANT SELECT, DELETE ON note TO app_user;
CREATE POLICY p ON note USING (tenant_id = ` + current + `);
`
	trigger := func(declare, body string) string {
		return "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$" + declare +
			"BEGIN " + body + "; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION f();"
	}
	writes := func(tenant string) string { return trigger("", "INSERT INTO log VALUES ("+tenant+", 'x')") }
	rule := func(action string) string { return "CREATE RULE r AS ON DELETE TO note DO ALSO " + action + ";" }
	for name, c := range map[string]struct {
		schema string
		want   finding.Verdict
	}{
		"for the tenant of the row": {writes("OLD.tenant_id"), finding.Isolated},
		"for that or the session's": {writes("coalesce(OLD.tenant_id, " + current + ")"), finding.Isolated},
		"for that of a variable":    {trigger("DECLARE t uuid := OLD.tenant_id; ", "INSERT INTO log VALUES (t, 'x')"), finding.Isolated},
		"for what a variable is set to on two paths": {
			trigger("DECLARE t uuid; ", "IF OLD.body = '' THEN t := OLD.tenant_id; ELSE t := "+current+"; END IF; INSERT INTO log VALUES (t, 'x')"), finding.Isolated},
		"for what a variable is set to on one of them": {
			trigger("DECLARE t uuid; ", "IF OLD.body = '' THEN t := OLD.tenant_id; ELSE t := OLD.other; END IF; INSERT INTO log VALUES (t, 'x')"), finding.Unknown},
		"for what a loop gives a variable": {
			trigger("DECLARE t uuid; ", "FOREACH t IN ARRAY ARRAY["+fixed+"]::uuid[] LOOP INSERT INTO log VALUES (t, 'x'); END LOOP"), finding.Unknown},
		"for a fixed tenant in a variable":                    {trigger("DECLARE t uuid; ", "t := "+fixed+"; DELETE FROM log WHERE tenant_id = t"), finding.Leaks},
		"for the session's, or a fixed one while none is set": {writes("coalesce(" + current + ", " + fixed + ")"), finding.Leaks},
		"for a fixed tenant":                                  {writes(fixed), finding.Leaks},
		"for the row's, or a fixed one":                       {writes("coalesce(nullif(OLD.tenant_id, " + current + "), " + fixed + ")"), finding.Unknown},
		"for the tenant in another field":                     {writes("OLD.other"), finding.Leaks},
		"for one that is worked out":                          {writes("md5(OLD.tenant_id::text)::uuid"), finding.Unknown},
		"for a random one":                                    {writes("gen_random_uuid()"), finding.Unknown},
		"for each of several":                                 {trigger("", "INSERT INTO log SELECT g, 'x' FROM unnest(ARRAY["+fixed+"]::uuid[]) g"), finding.Unknown},
		"deletes what is worked out":                          {trigger("", "DELETE FROM log WHERE tenant_id = md5(OLD.tenant_id::text)::uuid"), finding.Unknown},
		"where a trigger stamps the session":                  {"CREATE FUNCTION s() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.tenant_id := " + current + "; RETURN NEW; END$$; CREATE TRIGGER s BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION s();" + writes(fixed), finding.Isolated},

		"moves the session's rows to the tenant of the row": {trigger("", "UPDATE log SET tenant_id = OLD.tenant_id WHERE tenant_id = "+current), finding.Isolated},
		"moves the row's to the tenant in another field":    {trigger("", "UPDATE log SET tenant_id = OLD.other WHERE tenant_id = OLD.tenant_id"), finding.Leaks},
		"a rule that moves them to a fixed tenant":          {rule("UPDATE log SET tenant_id = " + fixed + " WHERE tenant_id = OLD.tenant_id"), finding.Leaks},
		"a rule that moves the row of an id":                {"CREATE TABLE seat (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); ALTER TABLE seat ENABLE ROW LEVEL SECURITY;" + rule("UPDATE seat SET tenant_id = "+fixed+" WHERE id = OLD.id"), finding.Leaks},
		"a rule for the tenant of the row":                  {rule("INSERT INTO log VALUES (OLD.tenant_id, 'x')"), finding.Isolated},
		"a rule for the session's tenant":                   {rule("DELETE FROM log WHERE tenant_id = " + current), finding.Isolated},
		"a rule for the session's tenant, or a fixed one":   {rule("INSERT INTO log VALUES (coalesce(" + current + ", " + fixed + "), 'x')"), finding.Leaks},
		"a rule for a fixed tenant":                         {rule("DELETE FROM log WHERE tenant_id = " + fixed), finding.Leaks},
		"a rule for the tenant in another field":            {rule("DELETE FROM log WHERE tenant_id = OLD.other"), finding.Leaks},
	} {
		t.Run(name, func(t *testing.T) {
			result := fixture{name: "schema.sql", text: tables + c.schema, model: fixtureModel()}.check(t)
			assert.Equal(t, c.want, result.Verdict())
		})
	}
}
