package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestAsked holds the verdict on tables whose policies confine the tenant and ask, besides, what may show other tenants' rows.
func TestAsked(t *testing.T) {
	const own = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
	const tables = `CREATE TABLE item (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text);
CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text);
CREATE TABLE line (id uuid PRIMARY KEY, note_id uuid NOT NULL REFERENCES note);
ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE line ENABLE ROW LEVEL SECURITY; GRANT SELECT, UPDATE ON note, line TO app_user;
CREATE POLICY p ON line USING (note_id IN (SELECT id FROM note));
`
	const open = "GRANT SELECT ON item TO app_user; "
	asks := func(question string) string {
		return "CREATE POLICY p ON note USING (" + own + " AND " + question + ");"
	}
	for name, c := range map[string]struct {
		schema string
		// note and line are the answers for SELECT.
		note, line finding.Verdict
	}{
		"a table without row-level security": {open + asks("EXISTS (SELECT FROM item)"), finding.Unknown, finding.Unknown},
		"such a table about the tenant's rows": {
			open + asks("EXISTS (SELECT FROM item WHERE "+own+")"), finding.Isolated, finding.Isolated},
		"such a table about the tenant of the row": {
			open + asks("EXISTS (SELECT FROM item i WHERE i.tenant_id = note.tenant_id)"), finding.Isolated, finding.Isolated},
		"such a table about a fixed tenant": {
			open + asks("EXISTS (SELECT FROM item WHERE tenant_id = '00000000-0000-4000-8000-00000000000b')"), finding.Unknown, finding.Unknown},
		"in a restrictive policy, about the tenant of the row": {
			open + "CREATE POLICY p ON note USING (" + own + "); CREATE POLICY r ON note AS RESTRICTIVE USING (EXISTS (SELECT FROM item i WHERE i.tenant_id = note.tenant_id));",
			finding.Isolated, finding.Isolated},
		"in a restrictive policy, about all": {
			open + "CREATE POLICY p ON note USING (" + own + "); CREATE POLICY r ON note AS RESTRICTIVE USING (EXISTS (SELECT FROM item));",
			finding.Unknown, finding.Unknown},
		"in a policy of another role": {
			open + "CREATE ROLE other; CREATE POLICY p ON note USING (" + own + "); CREATE POLICY r ON note AS RESTRICTIVE TO other USING (EXISTS (SELECT FROM item));",
			finding.Isolated, finding.Isolated},
		"a table that a policy confines": {
			open + "ALTER TABLE item ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON item USING (" + own + ");" + asks("EXISTS (SELECT FROM item)"),
			finding.Isolated, finding.Isolated},
		"a view with the rights of its owner": {
			"CREATE VIEW v AS SELECT body FROM item; GRANT SELECT ON v TO app_user;" + asks("'x' IN (SELECT body FROM v)"), finding.Unknown, finding.Unknown},
		"a definer function": {
			"CREATE FUNCTION f() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN EXISTS (SELECT FROM item); END';" + asks("f()"),
			finding.Unknown, finding.Unknown},
		"a definer function about the tenant's rows": {
			"CREATE FUNCTION f() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$SELECT EXISTS (SELECT FROM item WHERE " + own + ")$$;" + asks("f()"),
			finding.Isolated, finding.Isolated},
		"a definer function about the tenant of the row": {
			"CREATE FUNCTION f(t uuid) RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$SELECT EXISTS (SELECT FROM item WHERE tenant_id = t)$$;" + asks("f(tenant_id)"),
			finding.Isolated, finding.Isolated},
		"a function of the session's rights": {
			open + "CREATE FUNCTION f() RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM item)';" + asks("f()"), finding.Unknown, finding.Unknown},
		"functions that call each other": {
			"CREATE FUNCTION g() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN f(); END'; CREATE FUNCTION f() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN g() AND EXISTS (SELECT FROM note); END';" + asks("f()"),
			finding.Unknown, finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			m := fixture{name: "schema.sql", text: tables + c.schema, model: fixtureModel()}.matrix()
			note, line := cellOf(t, m, "public.note", "select"), cellOf(t, m, "public.line", "select")
			assert.Equal(t, c.note, note.Verdict, note.Reason)
			assert.Equal(t, c.line, line.Verdict, line.Reason)
			if update := cellOf(t, m, "public.note", "update"); c.note != finding.Isolated {
				assert.NotEqual(t, finding.Isolated, update.Verdict)
			}
		})
	}
}
