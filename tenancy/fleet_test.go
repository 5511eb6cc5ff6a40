package tenancy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/tenancy"
)

func loadFleet(t *testing.T, text string) (*tenancy.Fleet, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fleet.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return tenancy.LoadFleet(path, func(name string) (string, bool) { return "hunter2", name == "SECRET" })
}

func TestLoadFleet(t *testing.T) {
	f, err := loadFleet(t, `
parallel: 8
databases:
  - postgres://auditor@db1/acme
  - name: best
    dsn: "host=db2 password=${SECRET}"
    tenants: [17, best]
routing:
  dsn: service=control
  query: |
    SELECT tenant_id AS tenant, shard AS database
    FROM placement
`)
	require.NoError(t, err)
	assert.Equal(t, 8, f.Parallel)
	require.Len(t, f.Databases, 2)
	assert.Equal(t, "postgres://auditor@db1/acme", f.Databases[0].DSN)
	assert.Nil(t, f.Databases[0].Tenants)
	assert.Equal(t, 4, f.Databases[0].At.Line)
	assert.Equal(t, "host=db2 password=hunter2", f.Databases[1].DSN)
	assert.Equal(t, []string{"17", "best"}, f.Databases[1].Tenants)
	assert.Equal(t, "SELECT tenant_id AS tenant, shard AS database\nFROM placement", f.Routing.Query)
	assert.Empty(t, f.Notes, "a variable is no password in the file")
}

func TestLoadFleetNotesPasswords(t *testing.T) {
	for _, dsn := range []string{"postgres://auditor:hunter2@db1/acme", "host=db1 password=hunter2"} {
		f, err := loadFleet(t, "databases:\n  - "+dsn+"\n")
		require.NoError(t, err)
		require.Len(t, f.Notes, 1)
		assert.Contains(t, f.Notes[0], "fleet.yml:2 holds a password")
		assert.NotContains(t, f.Notes[0], "hunter2")
	}
}

func TestLoadFleetErrors(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"empty":             {"", "fleet.yml:1:1: no databases; list them under databases"},
		"no databases":      {"parallel: 2\n", "no databases; list them"},
		"unknown key":       {"databses: []\n", `fleet.yml:1:1: unknown key "databses": did you mean "databases"?`},
		"no dsn":            {"databases:\n  - name: a\n", "fleet.yml:2:5: a database without dsn"},
		"no variable":       {"databases:\n  - dsn: postgres://x:${NOPE}@h/d\n", `fleet.yml:2:10: the environment has no variable "NOPE"`},
		"parallel":          {"parallel: 0\ndatabases: [service=a]\n", "fleet.yml:1:11: 0 databases of a server at a time; give a number between 1 and 64"},
		"parallel, a word":  {"parallel: many\ndatabases: [service=a]\n", "fleet.yml:1:11: expected a whole number, found a string"},
		"routing, no query": {"routing:\n  dsn: service=control\n", "fleet.yml:2:3: routing needs a dsn and a query"},
		"name twice":        {"databases:\n  - {name: a, dsn: service=a}\n  - {name: a, dsn: service=b}\n", `the name "a" stands twice, first in line 2`},
		"a DSN as key":      {"databases:\n  - postgres://app:hunter2@h/d: x\n", `unknown key "postgres://app:…@h/d"`},
		"not YAML":          {"databases: [\n", "not valid YAML"},
		"not a list":        {"databases: service=a\n", "fleet.yml:1:12: expected a list, found a string"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadFleet(t, tt.text)
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}
