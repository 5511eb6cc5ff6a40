package tenancy

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository writes files into a new folder and returns it.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return root
}

// loadText loads a model file with that text, in a folder with some SQL files.
func loadText(t *testing.T, text string) (*Model, error) {
	t.Helper()
	root := repository(t, map[string]string{
		FileName:                       text,
		"migrations/1_init.up.sql":     "CREATE TABLE a ();",
		"migrations/1_init.down.sql":   "DROP TABLE a;",
		"migrations/2_x.up.sql":        "",
		"migrations/10_y.up.sql":       "",
		"queries/invoices.sql":         "",
		"queries/nested/customers.sql": "",
	})
	return Load(filepath.Join(root, FileName))
}

func TestLoad(t *testing.T) {
	m, err := loadText(t, `
pattern: shared-schema
tenant:
  columns: [tenant_id, "orgId"]
  type: uuid
  settings: [app.tenant_id]
  registry: tenants
roles: {app: [app], owner: [owner], analytics: [bi], auditor: [audit]}
shared:
  - table: plans
    reason: price list, the same for everyone
  - {table: audit.kinds, reason: lookup}
enforcement: both
migrations:
  - path: migrations
    format: golang-migrate
queries:
  - queries/**/*.sql
go:
  types: [TenantID]
  variables: [tid]
  accessors: [example.com/app/auth.TenantFromContext]
  scopers: ["(*example.com/app/db.Pool).InTenant"]
  cross_tenant:
    - name: example.com/app/billing.Rollup
      reason: nightly rollup
  tests: true
pg_version: 15
`)
	require.NoError(t, err)
	assert.Equal(t, SharedSchema, m.Pattern)
	assert.Equal(t, []string{"tenant_id", "orgId"}, m.Columns)
	assert.Equal(t, "uuid", m.ColumnType)
	assert.Equal(t, []string{"app.tenant_id"}, m.Settings)
	assert.Equal(t, "tenants", m.Registry)
	assert.Equal(t, Roles{App: []string{"app"}, Owner: []string{"owner"}, Analytics: []string{"bi"}, Auditor: []string{"audit"}}, m.Roles)
	assert.Equal(t, EnforceBoth, m.Enforcement)
	assert.Equal(t, 15, m.PGVersion)
	assert.Empty(t, m.Inferred)

	require.Len(t, m.Shared, 2)
	assert.Equal(t, "plans", m.Shared[0].Name)
	assert.Equal(t, "price list, the same for everyone", m.Shared[0].Reason)
	assert.Equal(t, 10, m.Shared[0].At.Line)
	reason, shared := m.SharedReason("audit", "kinds")
	assert.True(t, shared)
	assert.Equal(t, "lookup", reason)

	require.Len(t, m.Migrations, 1)
	assert.Equal(t, GolangMigrate, m.Migrations[0].Format)
	assert.Equal(t, []string{"migrations/1_init.up.sql", "migrations/2_x.up.sql", "migrations/10_y.up.sql"},
		relativeTo(t, m.Root, m.Migrations[0].Files))
	require.Len(t, m.Queries, 1)
	assert.Equal(t, []string{"queries/invoices.sql", "queries/nested/customers.sql"}, relativeTo(t, m.Root, m.Queries[0].Files))

	assert.Equal(t, []string{"TenantID"}, m.Go.Types)
	assert.Equal(t, []string{"tid"}, m.Go.Variables)
	assert.Equal(t, []string{"example.com/app/auth.TenantFromContext"}, m.Go.Accessors)
	assert.Equal(t, []string{"(*example.com/app/db.Pool).InTenant"}, m.Go.Scopers)
	require.Len(t, m.Go.CrossTenant, 1)
	assert.Equal(t, "nightly rollup", m.Go.CrossTenant[0].Reason)
	assert.True(t, m.Go.Tests)
}

func relativeTo(t *testing.T, root string, files []string) []string {
	t.Helper()
	short := make([]string, len(files))
	for i, f := range files {
		r, err := filepath.Rel(root, f)
		require.NoError(t, err)
		short[i] = filepath.ToSlash(r)
	}
	return short
}

// Keys without a value are left out, and so is everything in a file without keys.
func TestLoadLeftOut(t *testing.T) {
	for name, text := range map[string]string{
		"empty file":    "",
		"comments only": "# nothing yet\n",
		"null":          "~\n",
		"empty keys":    "tenant:\nshared:\nmigrations:\n  # - path: migrations\n",
		"separator":     "---\n",
	} {
		t.Run(name, func(t *testing.T) {
			m, err := loadText(t, text)
			require.NoError(t, err)
			assert.Equal(t, inferable, m.Inferred)
		})
	}
	m, err := loadText(t, "\ufefftenant: {settings: [], columns: [tenant_id]}\n")
	require.NoError(t, err)
	assert.False(t, m.IsInferred("tenant.columns"))
	assert.False(t, m.IsInferred("tenant.settings"), "an empty list is an answer")
	assert.True(t, m.IsInferred("tenant.type"))
}

func TestLoadErrors(t *testing.T) {
	const topKeys = "(known: pattern, tenant, roles, shared, enforcement, migrations, queries, go, pg_version)"
	for name, c := range map[string]struct {
		text string
		want []string // "line:col: message"
	}{
		"unknown key":         {"tennant:\n  columns: [a]\n", []string{`1:1: unknown key "tennant": did you mean "tenant"? ` + topKeys}},
		"unknown key, far":    {"colour: red\n", []string{`1:1: unknown key "colour" ` + topKeys}},
		"unknown nested key":  {"tenant:\n  column: [a]\n", []string{`2:3: unknown key "column": did you mean "columns"? (known: columns, type, settings, registry)`}},
		"camel case":          {"pgVersion: 15\n", []string{`1:1: unknown key "pgVersion": did you mean "pg_version"? ` + topKeys}},
		"number as key":       {"1: a\n", []string{`1:1: unknown key "1" ` + topKeys}},
		"merge key":           {"<<: {pattern: hybrid}\n", []string{`1:1: unknown key "<<" ` + topKeys}},
		"twice":               {"pattern: hybrid\npattern: hybrid\n", []string{`2:1: key "pattern" stands twice, first in line 1`}},
		"enum":                {"enforcement: predicates\n", []string{`1:14: unknown value "predicates": did you mean "predicate"? (known: rls, predicate, both)`}},
		"enum, case":          {"enforcement: RLS\n", []string{`1:14: unknown value "RLS": did you mean "rls"? (known: rls, predicate, both)`}},
		"enum, list":          {"enforcement: [rls]\n", []string{`1:14: expected a string, found a list`}},
		"string for list":     {"tenant:\n  columns: tenant_id\n", []string{`2:12: expected a list, found a string; write [tenant_id]`}},
		"number for string":   {"tenant:\n  columns: [7]\n", []string{`2:13: expected a string, found a number`}},
		"list for mapping":    {"tenant: [a]\n", []string{`1:9: expected a mapping (key: value), found a list`}},
		"top is a list":       {"- a\n", []string{`1:1: expected a mapping (key: value), found a list`}},
		"top is a string":     {"tenant_id\n", []string{`1:1: expected a mapping (key: value), found a string`}},
		"bool":                {"go:\n  tests: \"yes\"\n", []string{`2:10: expected true or false, found a string`}},
		"version as string":   {"pg_version: \"15\"\n", []string{`1:13: expected a whole number, such as 16, found a string`}},
		"version with minor":  {"pg_version: 15.4\n", []string{`1:13: expected a whole number, such as 16, found a number`}},
		"version too old":     {"pg_version: 9\n", []string{`1:13: 9 is no major version of PostgreSQL between 10 and 19`}},
		"empty string":        {"tenant: {registry: \"\"}\n", []string{`1:20: empty string; leave the key out instead`}},
		"repeated item":       {"tenant: {columns: [a, a]}\n", []string{`1:23: "a" stands twice in the list`}},
		"empty item":          {"tenant:\n  columns:\n    -\n", []string{`3:6: empty list item`}},
		"shared, no reason":   {"shared:\n  - table: plans\n", []string{`2:5: missing key "reason": say why plans belongs to no tenant`}},
		"shared, no table":    {"shared:\n  - reason: x\n", []string{`2:5: missing key "table": say the name of the table`}},
		"shared, string":      {"shared: [plans]\n", []string{`1:10: expected a mapping (key: value), found a string`}},
		"shared twice":        {"shared:\n- {table: a, reason: x}\n- {table: a, reason: y}\n", []string{`3:4: table "a" is declared shared twice, first in line 2`}},
		"typo, one error":     {"shared:\n- {table: a, raeson: x}\n", []string{`2:14: unknown key "raeson": did you mean "reason"? (known: table, reason)`}},
		"cross, no reason":    {"go: {cross_tenant: [{name: a.B}]}\n", []string{`1:22: missing key "reason": say why a.B reads across tenants`}},
		"missing folder":      {"migrations:\n  - path: migration\n", []string{`2:11: "migration" matches nothing: did you mean "migrations"?`}},
		"missing file":        {"queries: [queries/invoice.sql]\n", []string{`1:11: "queries/invoice.sql" matches nothing: did you mean "queries/invoices.sql"?`}},
		"missing parent":      {"queries: [querys/**/*.sql]\n", []string{`1:11: "querys/**/*.sql" matches nothing: did you mean "queries"?`}},
		"Windows path":        {"queries: ['assets\\*.sql']\n", []string{`1:11: "assets\\*.sql" matches no SQL file; write / between folders`}},
		"character class":     {"queries: ['assets/[ab].sql']\n", []string{`1:11: "assets/[ab].sql" matches nothing; the wildcards are *, ** and ?`}},
		"nothing near":        {"queries: [assets/sql]\n", []string{`1:11: "assets/sql" matches nothing`}},
		"glob without match":  {"queries: [queries/x*.sql]\n", []string{`1:11: "queries/x*.sql" matches no SQL file`}},
		"unknown format":      {"migrations: [{path: migrations, format: gose}]\n", []string{`1:41: unknown value "gose": did you mean "goose"? (known: goose, golang-migrate, sql-migrate, dbmate, atlas, flyway, tern, plain, sqlc, pg_dump)`}},
		"alias":               {"roles:\n  app: &a [x]\n  owner: *a\n", []string{`3:10: aliases are not supported; write the value out`}},
		"second document":     {"pattern: hybrid\n---\npattern: hybrid\n", []string{`3:1: a second YAML document; write everything in one`}},
		"column after umlaut": {"tenant: {type: \"ü\", registri: x}\n", []string{`1:22: unknown key "registri": did you mean "registry"? (known: columns, type, settings, registry)`}},
		"all of them": {"patern: x\ntenant: {columns: x}\nenforcement: y\n", []string{
			`1:1: unknown key "patern": did you mean "pattern"? ` + topKeys,
			`2:19: expected a list, found a string; write [x]`,
			`3:14: unknown value "y" (known: rls, predicate, both)`,
		}},
		"bad UTF-8":       {"tenant:\n  registry: a\xffb\n", []string{`2:14: not text in UTF-8; save the file as UTF-8`}},
		"NUL":             {"a: \x00\n", []string{`1:4: a NUL byte, which no text has; remove it, or save the file as UTF-8`}},
		"long line":       {"a: " + strings.Repeat("x", 5000), []string{`1:4096: the line is longer than 4096 bytes; break it up`}},
		"too large":       {strings.Repeat("# comment, comment, comment, comment\n", 8_000), []string{`1:1: the file is larger than 256 KB, which no tenancy model is`}},
		"too many lines":  {strings.Repeat("\n", 10_001), []string{`10001:1: the file has more than 10000 lines, which no tenancy model has`}},
		"deep brackets":   {strings.Repeat("[\n", 200), []string{`101:1: brackets nested too deeply`}},
		"broken: bracket": {"tenant:\n  columns: [a\n", []string{`2:12: not valid YAML: sequence end token ']' not found`}},
		"broken: tab":     {"tenant:\n\tcolumns: [a]\n", []string{"2:1: not valid YAML: found character '\t' that cannot start any token"}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := loadText(t, c.text)
			assert.Nil(t, m)
			var errs Errors
			require.ErrorAs(t, err, &errs)
			got := make([]string, len(errs))
			for i, e := range errs {
				got[i] = strings.TrimPrefix(e.Error(), e.File+":")
				assert.Equal(t, FileName, filepath.Base(e.File))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestLoadNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(filepath.Join(dir, FileName))
	require.ErrorIs(t, err, os.ErrNotExist)

	_, err = Load(dir)
	require.ErrorContains(t, err, "not a regular file")

	link := filepath.Join(dir, "loop.yml")
	require.NoError(t, os.Symlink(link, link))
	_, err = Load(link)
	require.ErrorContains(t, err, "too many levels of symbolic links")

	pipe := filepath.Join(dir, "pipe.yml")
	require.NoError(t, syscall.Mkfifo(pipe, 0o644))
	_, err = Load(pipe)
	require.ErrorContains(t, err, "not a regular file")
}

// A folder that a link leads back into is read once; a link that leads nowhere is left to ReadSQL, which
// says so.
func TestLoadLinkCycle(t *testing.T) {
	root := repository(t, map[string]string{FileName: "migrations: [migrations]\n", "migrations/1_a.sql": ""})
	require.NoError(t, os.Symlink("..", filepath.Join(root, "migrations", "up")))
	require.NoError(t, os.Symlink("loop.sql", filepath.Join(root, "migrations", "loop.sql")))
	m, err := Load(filepath.Join(root, FileName))
	require.NoError(t, err)
	assert.Equal(t, []string{"migrations/1_a.sql", "migrations/loop.sql"}, relativeTo(t, root, m.Migrations[0].Files))
}

// The YAML parser is slow on deep nesting; a file within the limits must not show it.
func TestLoadHostileNesting(t *testing.T) {
	for _, unit := range []string{"a: ", "- ", "[", "{a: ", "&a ", "!!str ", "? ", "\"", "|\n", "-\n", "a:\n", "[\n", "- |\n"} {
		line := unit
		if !strings.HasSuffix(unit, "\n") {
			line = strings.Repeat(unit, maxLineLength/len(unit)-1) + "\n"
		}
		text := strings.Repeat(line, min(maxLines-1, maxFileSize/len(line)))
		start := time.Now()
		_, _ = loadText(t, text) // whatever the answer, it has to come
		assert.Less(t, time.Since(start), 10*time.Second, "%q", unit)
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "tenant:\n  columns: [tenant_id]\n", "shared:\n- {table: a, reason: b}\n", "a: &x [*x]\n", "? a\n: b\n", "- - - -\n",
		"go: {cross_tenant: [{name: x, reason: |\n  y\n}]}\n", "pg_version: 0x10\n", "\"\\x41\": 1\n", "!!str a: b\n", "---\n---\n", "{", "a:\n  - b\n c",
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), FileName)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, errs := decode(path, text)
		for _, e := range errs {
			require.True(t, e.IsValid(), "%v", e)
			require.NotEmpty(t, e.Message)
		}
	})
}
