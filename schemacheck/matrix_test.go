package schemacheck_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestMatrix(t *testing.T) {
	const schema = `
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true);
CREATE TABLE payments (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, note text UNIQUE);
GRANT SELECT, INSERT, UPDATE ON invoices TO app_user;
GRANT SELECT, TRUNCATE ON payments TO app_user;
CREATE VIEW owners_view AS SELECT * FROM invoices;
CREATE VIEW callers_view WITH (security_invoker) AS SELECT * FROM invoices;
CREATE VIEW payments_view WITH (security_invoker) AS SELECT id FROM payments;
GRANT SELECT ON owners_view, callers_view, payments_view TO app_user;
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'DELETE FROM invoices';
CREATE FUNCTION enter(t text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.tenant_id', t, false) $$;
CREATE TABLE notes (id uuid PRIMARY KEY, body text);
GRANT SELECT, INSERT ON notes TO app_user;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text);
GRANT SELECT ON tenants TO app_user;
CREATE TABLE currencies (code text PRIMARY KEY);
GRANT SELECT ON currencies TO app_user;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = hidden());
GRANT SELECT ON orders TO app_user;`
	m := fixture{name: "schema.sql", text: schema, model: readFixture(t, filepath.Join("testdata", "rls-disabled", "clean.sql")).model}.matrix()
	got := map[string]string{}
	for _, c := range m.Cells {
		assert.Equal(t, "app_user", c.Role)
		got[c.Relation+" "+c.Command] = fmt.Sprint(c.Verdict, " ", c.Rule)
		if c.Verdict == finding.Leaks {
			_, broken := pgast.Parse(pgast.NewSource("witness", c.Witness))
			assert.Empty(t, broken, c.Witness)
			assert.NotEmpty(t, c.Witness)
			assert.NotEmpty(t, c.Reason)
		}
	}
	for cell, want := range map[string]string{
		"public.invoices select":      "isolated ",
		"public.invoices insert":      "leaks policy-write-gap",
		"public.invoices update":      "leaks policy-write-gap",
		"public.invoices delete":      "leaks function-bypasses-rls", // no privilege, but a function
		"public.invoices truncate":    "no access ",
		"public.payments select":      "leaks rls-disabled",
		"public.payments insert":      "no access ",
		"public.payments truncate":    "leaks grant-truncate",
		"public.owners_view select":   "leaks view-bypasses-rls",
		"public.callers_view select":  "isolated ",
		"public.payments_view select": "leaks rls-disabled",
		"public.payments_view delete": "no access ",
		"public.notes select":         "undecided ",
		"public.tenants select":       "warned rls-disabled",
		"public.currencies select":    " ", // no row: it is the same for all
		"public.orders select":        "undecided ",
	} {
		assert.Equal(t, strings.TrimSpace(want), strings.TrimSpace(got[cell]), cell)
	}
	require.Len(t, m.Beside, 1)
	assert.Equal(t, "function-set-not-local", m.Beside[0].Rule)
}

// TestMatrixRestsOnTheRules wants each error of a fixture in the matrix, and no leak that is not such an
// error.
func TestMatrixRestsOnTheRules(t *testing.T) {
	for _, rule := range schemaRules() {
		for _, name := range []string{"clean", "broken"} {
			f := readFixture(t, filepath.Join("testdata", rule.Name, name+".sql"))
			m, errors := f.matrix(), isolationErrors(f.check(t))
			leaking := leaks(m)
			for _, e := range errors {
				assert.Contains(t, leaking, e, "%s: in no cell", f.name)
			}
			assert.Subset(t, errors, leaking, "%s: no rule reports that", f.name)
		}
	}
}

// matrix judges the fixture.
func (f fixture) matrix() *schemacheck.Matrix {
	runAs := "SET ROLE app_owner;"
	if f.superuser {
		runAs = ""
	}
	schema := replay.Replay([]replay.File{
		{Name: "prelude.sql", Text: prelude, Format: tenancy.Plain},
		{Name: f.name, Text: runAs + f.text, Format: tenancy.Plain},
	}, replay.Options{PGVersion: f.model.PGVersion, Owner: "postgres"})
	return schemacheck.Judge(schema, classify.Of(schema, &f.model), &f.model)
}

// cellOf returns the answer for a command on a relation.
func cellOf(t *testing.T, m *schemacheck.Matrix, relation, command string) schemacheck.Cell {
	t.Helper()
	i := slices.IndexFunc(m.Cells, func(c schemacheck.Cell) bool { return c.Relation == relation && c.Command == command })
	require.GreaterOrEqual(t, i, 0, "no such cell")
	return m.Cells[i]
}

// isolationErrors lists the rules that report an error about isolation.
func isolationErrors(result finding.Result) []string {
	var names []string
	for _, f := range result.Findings {
		if f.Category == finding.Isolation && f.Severity == finding.Error && !slices.Contains(names, f.Rule) {
			names = append(names, f.Rule)
		}
	}
	return names
}

// leaks lists the rules by which a matrix leaks.
func leaks(m *schemacheck.Matrix) []string {
	var names []string
	for _, c := range m.Cells {
		if c.Verdict == finding.Leaks {
			names = append(names, c.Rule)
		}
	}
	for _, b := range m.Beside {
		if b.Rule != "" {
			names = append(names, b.Rule)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestMatrixOnOracle wants a leaking cell, or a way beside the cells, in each case whose truth is a leak, and none
// in those that are safe.
func TestMatrixOnOracle(t *testing.T) {
	for dir, c := range oracleCases(t) {
		if c.VisibleIn != "schema" || c.Advisory || disputed[c.ID] != "" {
			continue
		}
		for _, version := range []string{"15", "16", "17", "18"} {
			truth, p := c.Truth[version], c.load(t, dir, version)
			var cells, rules []string
			for _, db := range p.Databases {
				m := schemacheck.Judge(db.Schema, db.Classes, db.Model)
				rules = append(rules, leaks(m)...)
				for _, cell := range m.Cells {
					if cell.Verdict == finding.Leaks {
						cells = append(cells, cell.Relation+" "+cell.Command+" "+cell.Rule)
					}
				}
			}
			switch {
			case truth == "SAFE":
				assert.Empty(t, rules, "%s %s on %s", c.ID, c.Title, version)
			case truth == "LEAK" && !besides[c.Rule]:
				assert.NotEmpty(t, cells, "%s %s on %s: %s (%v)", c.ID, c.Title, version, c.Rule, rules)
			case truth == "LEAK":
				assert.NotEmpty(t, rules, "%s %s on %s", c.ID, c.Title, version)
			}
		}
	}
}

// besides are the defects of oracle cases whose leak is no access to one table.
var besides = map[string]bool{
	"leakproof-function": true, "app-role-has-references": true, "search-path-set-for-session": true,
	"tenant-setting-not-transaction-local": true, "large-object-for-tenant-data": true,
}
