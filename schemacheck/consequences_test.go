package schemacheck_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

const secured = `
CREATE TABLE customers (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON customers TO app_user;
CREATE TABLE orders (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, customer_id uuid NOT NULL, at date,
	CONSTRAINT customer FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX orders_at ON orders (tenant_id, at);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON orders TO app_user;
CREATE VIEW listed WITH (security_invoker) AS SELECT * FROM orders;
GRANT SELECT ON listed TO app_user;
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';
CREATE FUNCTION mine() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
	AS $$SELECT count(*) FROM orders WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid$$;
CREATE TABLE stamped (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE stamped ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON stamped FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY writing ON stamped FOR INSERT WITH CHECK (true);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	NEW.tenant_id := nullif(current_setting('app.tenant_id', true), '')::uuid; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON stamped FOR EACH ROW EXECUTE FUNCTION stamp();
GRANT SELECT, INSERT ON stamped TO app_user;
`

// TestConsequences wants the findings that a new migration brings about to name its statement, wherever
// they stand, and isolation-weakened on the statement itself where isolation is what it takes.
func TestConsequences(t *testing.T) {
	for name, c := range map[string]struct {
		migration string
		want      []string
	}{
		"nothing":           {"ALTER TABLE orders ADD COLUMN note text;", nil},
		"an index":          {"DROP INDEX orders_at;", []string{"tenant-index-missing"}},
		"the leading key":   {"ALTER TABLE orders DROP CONSTRAINT customer; ALTER TABLE customers DROP CONSTRAINT customers_pkey;", []string{"isolation-weakened", "tenant-index-missing"}},
		"row security":      {"ALTER TABLE orders DISABLE ROW LEVEL SECURITY;", []string{"isolation-weakened", "policy-without-rls"}},
		"FORCE":             {"ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;", []string{"isolation-weakened", "rls-not-forced"}},
		"the only policy":   {"DROP POLICY tenant ON orders;", []string{"rls-no-policy"}},
		"the tenant column": {"ALTER TABLE orders DROP COLUMN tenant_id CASCADE;", []string{"isolation-weakened", "tenant-column-missing"}},
		"a role's bounds":   {"RESET ROLE; ALTER ROLE app_user BYPASSRLS;", []string{"isolation-weakened", "role-bypasses-rls"}},
		"a membership": {"RESET ROLE; ALTER TABLE orders NO FORCE ROW LEVEL SECURITY; GRANT app_owner TO app_user;",
			[]string{"app-role-owns-table", "app-role-owns-table", "isolation-weakened", "isolation-weakened", "rls-not-forced"}},
		"the owner": {"RESET ROLE; ALTER TABLE orders OWNER TO app_user;", []string{"app-role-owns-table", "isolation-weakened"}},
		"a reference": {"ALTER TABLE orders DROP CONSTRAINT customer, ADD FOREIGN KEY (customer_id) REFERENCES orders (id);",
			[]string{"foreign-key-crosses-tenant", "isolation-weakened"}},
		"who runs a function":      {"ALTER FUNCTION counted() SECURITY DEFINER;", []string{"function-search-path"}},
		"a function's search path": {"ALTER FUNCTION mine() RESET search_path;", []string{"function-search-path"}},
		"the stamp of new rows":    {"DROP TRIGGER stamp ON stamped;", []string{"policy-write-gap"}},
		"the stamp, for a while":   {"ALTER TABLE stamped DISABLE TRIGGER stamp;", []string{"policy-write-gap"}},
		"whose rights a view has":  {"RESET ROLE; ALTER TABLE orders NO FORCE ROW LEVEL SECURITY; ALTER VIEW listed RESET (security_invoker);", []string{"isolation-weakened", "rls-not-forced", "view-bypasses-rls"}},
		"given back at once":       {"RESET ROLE; ALTER ROLE app_user BYPASSRLS; ALTER ROLE app_user NOBYPASSRLS;", nil},
	} {
		t.Run(name, func(t *testing.T) {
			base := fixture{name: "1.sql", text: secured, format: tenancy.Plain, model: fixtureModel()}
			before := base.check(t)
			assert.Empty(t, rulesOf(before.Findings, ""))
			after := base.check(t, fixture{name: "2.sql", text: "\n" + c.migration, format: tenancy.Plain})
			assert.Equal(t, c.want, rulesOf(after.Findings, "2.sql"))
		})
	}
}

// rulesOf returns the rules of the findings above a hint, or of rls-not-forced, that name a file in their
// position or beside it; all of them for "".
func rulesOf(findings []finding.Finding, file string) []string {
	var rules []string
	for _, f := range findings {
		in := strings.HasPrefix(f.File, file) || slices.ContainsFunc(f.Related, func(r finding.Related) bool { return strings.HasPrefix(r.File, file) })
		if in && (f.Severity > finding.Info || f.Rule == "rls-not-forced" || f.Rule == "isolation-weakened") {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return rules
}
