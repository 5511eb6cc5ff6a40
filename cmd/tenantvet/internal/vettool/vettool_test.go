package vettool

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInvoked(t *testing.T) {
	tests := map[string]struct {
		args []string
		want bool
	}{
		"nothing":    {nil, false},
		"packages":   {[]string{"./..."}, false},
		"version":    {[]string{"-V=full"}, true},
		"flags":      {[]string{"-flags"}, true},
		"a package":  {[]string{"/tmp/vet.cfg"}, true},
		"with flags": {[]string{"-json", "/tmp/vet.cfg"}, true},
		"subcommand": {[]string{"rules"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tt.want, Invoked(tt.args)) })
	}
}

// The go command forgets its cached findings exactly when the version changes.
func TestVersionChangesWithTheInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	version := func() string {
		var out bytes.Buffer
		require.NoError(t, printVersion(&out, dir))
		assert.Regexp(t, `^\S+ version devel .* buildID=[0-9a-f]{64}\n$`, out.String())
		return out.String()
	}
	write("go.mod", "module example.com/app\n")
	write("migrations/001_invoices.up.sql", "CREATE TABLE invoices (id uuid, tenant_id uuid);\n")
	seen := map[string]string{}
	step := func(what string) {
		v := version()
		assert.Equal(t, v, version(), "%s: not stable", what)
		assert.NotContains(t, seen, v, "%s: as before", what)
		seen[v] = what
	}
	step("a migration")
	write("migrations/001_invoices.up.sql", "CREATE TABLE invoices (id uuid, tenant_id uuid NOT NULL);\n")
	step("a changed migration")
	write(".tenantvet.yml", "tenant:\n  columns: [tenant_id]\n")
	step("a model")
	write(".tenantvet.yml", "tenant:\n  columns: [id]\n")
	step("a changed model")
	write(".tenantvet.yml", "tenant: [\n")
	step("a broken model")
}
