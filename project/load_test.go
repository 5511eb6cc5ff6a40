package project_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

func load(t *testing.T, dir string, opts project.Options) *project.Project {
	t.Helper()
	p, err := project.Load(dir, opts)
	require.NoError(t, err)
	return p
}

// fixture copies a folder of testdata to a place of its own.
func fixture(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))))
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestLoad(t *testing.T) {
	for name, c := range map[string]struct {
		note    string
		tables  string
		queries []string
	}{
		"rls": {
			"no .tenantvet.yml: tenant column tenant_id (2 of 5 tables), enforcement rls, setting app.tenant_id, migrations db/migrations (goose, 2 files)",
			`
tenant registry (1)
  tenants: key id
tenant (2)
  customers: tenant_id
  invoices: tenant_id
child (1)
  invoice_lines: of invoices by invoice_id
unclassified (1)
  plans: no tenant column, and no foreign key to a tenant table
`,
			[]string{"ListInvoices", "AddLine"},
		},
		"hierarchy": {
			"no .tenantvet.yml: tenant column project_id, organizationId (6 of 10 tables), enforcement predicate, setting none, migrations migrations (golang-migrate, 1 file)",
			`
tenant registry (2)
  organizations: key id
  projects: key id
tenant (6)
  deployments: project_id
  domains: project_id
  environments: project_id
  members: organizationId
  tokens: organizationId
  variables: project_id
shared (1)
  schema_migrations: bookkeeping of a migration tool
unclassified (1)
  users: no tenant column, and no foreign key to a tenant table
`,
			nil,
		},
		"plain": {
			"no .tenantvet.yml: no tenant column among 3 tables, so none is checked, migrations schema.sql (plain, 1 file)",
			`
unclassified (3)
  lists: no tenant column, and no foreign key to a tenant table
  subscriber_lists: no tenant column, and no foreign key to a tenant table
  subscribers: no tenant column, and no foreign key to a tenant table
`,
			[]string{"get-lists"},
		},
		"declared": {
			"not in .tenantvet.yml: enforcement predicate, setting none",
			`
tenant registry (1)
  shops: key id
tenant (1)
  orders: shop
shared (1)
  currencies: ISO 4217, the same for everyone
`,
			[]string{"Orders"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, filepath.Join("testdata", name), project.Options{})
			assert.Equal(t, []string{c.note}, p.Result.Notes)
			assert.Empty(t, p.Result.Skipped)
			assert.Empty(t, p.Result.Undecided)
			require.Len(t, p.Databases, 1)
			assert.Equal(t, c.tables, "\n"+p.Databases[0].TableList())
			var queries []string
			for _, q := range p.Queries {
				queries = append(queries, q.Name)
				assert.Same(t, p.Databases[0], q.Database)
			}
			assert.Equal(t, c.queries, queries)
		})
	}
}

func TestInferredValues(t *testing.T) {
	m := load(t, "testdata/rls", project.Options{}).Model
	assert.Equal(t, tenancy.SharedSchema, m.Pattern)
	assert.Equal(t, "uuid", m.ColumnType)
	assert.Equal(t, "tenants", m.Registry)
	assert.Equal(t, tenancy.Roles{App: []string{"invoicing_app"}, Owner: []string{"invoicing_owner"}}, m.Roles)
	assert.Equal(t, []string{"app.tenant_id"}, m.Settings, "app.support is not compared with the tenant column")
	assert.Equal(t, 16, m.PGVersion)
}

// The file that init writes says the same as the inference, and leaves nothing to be inferred that
// it names.
func TestModelFileRoundTrip(t *testing.T) {
	for _, name := range []string{"rls", "hierarchy", "plain", "declared"} {
		t.Run(name, func(t *testing.T) {
			dir := fixture(t, name)
			before := load(t, dir, project.Options{})
			text := before.ModelFile()
			write(t, filepath.Join(dir, tenancy.FileName), string(text))
			after := load(t, dir, project.Options{})
			assert.Empty(t, after.Result.Skipped, "%s", text)
			require.Len(t, after.Databases, 1)
			assert.Equal(t, before.Databases[0].TableList(), after.Databases[0].TableList())
			assert.Equal(t, before.Model.Columns, after.Model.Columns)
			assert.Equal(t, before.Model.Enforcement, after.Model.Enforcement)
			assert.Equal(t, before.Model.Roles, after.Model.Roles)
			assert.Equal(t, before.Databases[0].Files, after.Databases[0].Files)
			assert.Len(t, after.Queries, len(before.Queries))
		})
	}
}

func TestCommandLineValues(t *testing.T) {
	m := load(t, "testdata/rls", project.Options{
		TenantColumns: []string{"customer_id"}, Settings: []string{"x.y"}, AppRoles: []string{"a"}, OwnerRoles: []string{"o"}, PGVersion: 14,
	}).Model
	assert.Equal(t, []string{"customer_id"}, m.Columns)
	assert.Equal(t, "customers", m.Registry, "inferred from the column given")
	assert.Equal(t, []string{"x.y"}, m.Settings)
	assert.Equal(t, tenancy.Roles{App: []string{"a"}, Owner: []string{"o"}}, m.Roles)
	assert.Equal(t, 14, m.PGVersion)

	p := load(t, "testdata/declared", project.Options{TenantColumns: []string{"currency"}})
	assert.Equal(t, []string{"currency"}, p.Model.Columns, "the command line wins over the file")
}

func TestExplicitFiles(t *testing.T) {
	dir := filepath.Join("testdata", "declared")
	p := load(t, dir, project.Options{Schema: []string{"sql/extra.sql", "sql/schema.sql"}, Queries: []string{"app"}})
	require.Len(t, p.Databases, 1)
	assert.Equal(t, "extra.sql", filepath.Base(p.Databases[0].Files[0]), "in the order given")
	assert.NotEmpty(t, p.Result.Skipped, "the first file changes a table that the second one creates")
	assert.Len(t, p.Queries, 1)

	p = load(t, dir, project.Options{Schema: []string{"sql/schema.sql", "sql/extra.sql"}})
	assert.Empty(t, p.Queries, "queries are not discovered for a schema that is given")

	p = load(t, dir, project.Options{Queries: []string{"app/orders.sql"}})
	assert.Len(t, p.Queries, 1)
	assert.Len(t, p.Databases[0].Files, 2)

	p = load(t, dir, project.Options{Schema: []string{"sql/shema.sql"}})
	require.Len(t, p.Result.Skipped, 1)
	assert.Equal(t, `"sql/shema.sql" matches nothing: did you mean "sql/schema.sql"?`, p.Result.Skipped[0].Reason)
	assert.True(t, p.Result.Skipped[0].Broken)
}

func TestNoSQL(t *testing.T) {
	dir := t.TempDir()
	p := load(t, dir, project.Options{})
	assert.Empty(t, p.Databases)
	assert.NotNil(t, p.Model)
	assert.Equal(t, tenancy.EnforcePredicate, p.Model.Enforcement)
	assert.Equal(t, []string{"no SQL schema found under " + dir + ": name the migrations in .tenantvet.yml"}, p.Result.Notes)
	assert.NotEmpty(t, p.Digest)
}

func TestBrokenInput(t *testing.T) {
	dir := fixture(t, "declared")
	write(t, filepath.Join(dir, "sql", "extra.sql"), "CREATE TABLE currencies (code text);\nCREATE TABEL x ();\nCREATE TABLE later (shop int);\n")
	write(t, filepath.Join(dir, "app", "bad.sql"), "-- name: Bad :one\nSELECT \xff;\n")
	p := load(t, dir, project.Options{})
	var broken []string
	for _, s := range p.Result.Skipped {
		assert.True(t, s.Broken, "%+v", s)
		broken = append(broken, strings.TrimPrefix(s.Position.String(), dir+"/"))
	}
	assert.ElementsMatch(t, []string{"sql/extra.sql:2:8", "app/bad.sql:2:8"}, broken)
	assert.NotNil(t, p.Databases[0].Schema.Lookup("", "later"), "the rest is still read")

	write(t, filepath.Join(dir, tenancy.FileName), "tenant: [\n")
	_, err := project.Load(dir, project.Options{})
	require.ErrorContains(t, err, tenancy.FileName+":1:9: not valid YAML")
}

func TestNamesThatTheSchemaDoesNotKnow(t *testing.T) {
	dir := fixture(t, "declared")
	write(t, filepath.Join(dir, tenancy.FileName), `
tenant: {columns: [shopp], registry: shop}
shared:
  - table: currency
    reason: lookup
`)
	p := load(t, dir, project.Options{})
	var lines []string
	for _, s := range p.Result.Skipped {
		assert.True(t, s.Broken)
		lines = append(lines, fmt.Sprintf("%d:%d: %s", s.Line, s.Column, s.Reason))
	}
	assert.Equal(t, []string{
		`4:5: shared table "currency" is not in the schema: did you mean "currencies"?`,
		`2:38: tenant registry "shop" is not in the schema: did you mean "shops"?`,
		`2:19: tenant column "shopp" is not in the schema: did you mean "shop"?`,
	}, lines)
}

func TestDigest(t *testing.T) {
	digest := func(dir string, opts project.Options) string { return load(t, dir, opts).Digest }
	dir, copied := fixture(t, "rls"), fixture(t, "rls")
	first := digest(dir, project.Options{})
	assert.Equal(t, first, digest(dir, project.Options{}))
	assert.Equal(t, first, digest(copied, project.Options{}), "where the repository lies does not matter")
	assert.NotEqual(t, first, digest(dir, project.Options{TenantColumns: []string{"x"}}))
	assert.NotEqual(t, first, digest(dir, project.Options{PGVersion: 15}))

	seen := map[string]string{first: "unchanged"}
	for _, file := range []string{"db/queries/invoices.sql", "db/migrations/00002_rls.sql"} {
		path := filepath.Join(copied, file)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		write(t, path, string(text)+"-- changed\n")
		d := digest(copied, project.Options{})
		assert.Empty(t, seen[d], "%s changed the digest to one seen before", file)
		seen[d] = file
	}
}

func TestLoadFromSubfolder(t *testing.T) {
	dir := fixture(t, "declared")
	p := load(t, filepath.Join(dir, "app"), project.Options{})
	assert.Equal(t, dir, p.Model.Root)
	p = load(t, filepath.Join(dir, "app"), project.Options{NoConfig: true})
	assert.Empty(t, p.Model.File)
	p = load(t, t.TempDir(), project.Options{Config: filepath.Join(dir, tenancy.FileName)})
	assert.Equal(t, dir, p.Model.Root)
}

func TestQueryFilesOfTestsAreMarked(t *testing.T) {
	dir := fixture(t, "rls")
	forTests := filepath.Join(dir, "audittest", "queries.sql")
	require.NoError(t, os.Mkdir(filepath.Dir(forTests), 0o755))
	write(t, forTests, "-- name: CountAll :one\nSELECT count(*) FROM invoices;\n")
	write(t, filepath.Join(dir, "sqlc.yaml"), `version: "2"
sql:
  - engine: postgresql
    schema: db/migrations
    queries: [db/queries, audittest/queries.sql]
`)
	marked := func(opts project.Options) (names []string) {
		for _, q := range load(t, dir, opts).Queries {
			if q.ForTests {
				names = append(names, q.Name)
			}
		}
		return names
	}
	assert.Equal(t, []string{"CountAll"}, marked(project.Options{}))
	assert.Empty(t, marked(project.Options{Queries: []string{forTests}}), "named by hand")
}
