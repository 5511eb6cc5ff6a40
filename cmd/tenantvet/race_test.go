//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRace runs `tenantvet schema` and the linter that TENANTVET_RACE_WITH names in turn on the same
// 10,000 statements in 500 files, and demands that tenantvet takes at most as long. Each figure is the
// median of the runs.
func TestRace(t *testing.T) {
	other := os.Getenv("TENANTVET_RACE_WITH")
	if other == "" {
		t.Skip("TENANTVET_RACE_WITH names no other linter: make race")
	}
	dir := t.TempDir()
	files := writeMigrations(t, dir, 500)
	binary := filepath.Join(t.TempDir(), "tenantvet")
	command(t, ".", "go", "build", "-o", binary, ".")

	const runs = 9
	var ours, theirs []figures
	for range runs {
		theirs = append(theirs, measure(t, dir, other, files...))
		ours = append(ours, measure(t, dir, binary, "schema", "."))
	}
	report := func(name string, all []figures) figures {
		m := figures{median(all, func(f figures) float64 { return f.wall }), median(all, func(f figures) float64 { return f.cpu }),
			median(all, func(f figures) float64 { return f.peak })}
		t.Logf("%-10s %.3f s wall, %.3f s CPU, %.0f MB at most (medians of %d runs)", name, m.wall, m.cpu, m.peak, runs)
		return m
	}
	a, b := report("tenantvet", ours), report(filepath.Base(other), theirs)
	t.Logf("ratio      %.2f wall, %.2f CPU, %.2f memory", a.wall/b.wall, a.cpu/b.cpu, a.peak/b.peak)
	require.LessOrEqual(t, a.wall, b.wall)
}

// figures are what a whole process cost: seconds and megabytes.
type figures struct{ wall, cpu, peak float64 }

func measure(t *testing.T, dir, name string, args ...string) figures {
	t.Helper()
	start := time.Now()
	state := command(t, dir, name, args...)
	require.Less(t, state.ExitCode(), 2, "%s did not read everything", name)
	return figures{
		wall: time.Since(start).Seconds(),
		cpu:  (state.UserTime() + state.SystemTime()).Seconds(),
		peak: float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1024,
	}
}

func median(all []figures, of func(figures) float64) float64 {
	var values []float64
	for _, f := range all {
		values = append(values, of(f))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// migration is what one file of the race does: 20 statements of the kinds that a multi-tenant
// application collects over the years.
const migration = `CREATE TABLE accounts_%[1]d (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) < 200),
    status text NOT NULL DEFAULT 'open',
    amount numeric(12, 2),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, name)
);
ALTER TABLE accounts_%[1]d ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts_%[1]d FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON accounts_%[1]d
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY members ON accounts_%[1]d AS RESTRICTIVE FOR SELECT TO app_user
    USING (EXISTS (SELECT 1 FROM tenants m WHERE m.id = accounts_%[1]d.tenant_id AND m.active));
CREATE INDEX accounts_%[1]d_created ON accounts_%[1]d (tenant_id, created_at DESC);
CREATE INDEX accounts_%[1]d_open ON accounts_%[1]d (tenant_id, status) WHERE status = 'open';
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts_%[1]d TO app_user;
CREATE TABLE entries_%[1]d (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    booked date NOT NULL,
    amount numeric(12, 2) NOT NULL,
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts_%[1]d (tenant_id, id)
);
ALTER TABLE entries_%[1]d ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON entries_%[1]d USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE INDEX ON entries_%[1]d (tenant_id, account_id);
GRANT SELECT, INSERT ON entries_%[1]d TO app_user;
CREATE VIEW balances_%[1]d WITH (security_invoker = true) AS
    SELECT a.tenant_id, a.id, a.name, coalesce(sum(e.amount), 0) AS balance
    FROM accounts_%[1]d a LEFT JOIN entries_%[1]d e ON e.tenant_id = a.tenant_id AND e.account_id = a.id
    GROUP BY a.tenant_id, a.id, a.name;
GRANT SELECT ON balances_%[1]d TO app_user;
CREATE FUNCTION touch_%[1]d() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    NEW.created_at := coalesce(NEW.created_at, now());
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE INSERT ON accounts_%[1]d FOR EACH ROW EXECUTE FUNCTION touch_%[1]d();
ALTER TABLE accounts_%[1]d ADD COLUMN note text;
UPDATE accounts_%[1]d SET note = '' WHERE note IS NULL;
ALTER TABLE accounts_%[1]d ALTER COLUMN note SET DEFAULT '';
`

// writeMigrations writes numbered migrations into a folder and returns their names.
func writeMigrations(t *testing.T, dir string, count int) []string {
	t.Helper()
	var names []string
	for i := range count {
		text := fmt.Sprintf(migration, i)
		if i == 0 {
			text = "CREATE ROLE app_user;\nCREATE TABLE tenants (id uuid PRIMARY KEY, active boolean NOT NULL);\n" + text
		}
		name := fmt.Sprintf("%04d_accounts.sql", i+1)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.TrimSpace(text)+"\n"), 0o644))
		names = append(names, name)
	}
	return names
}
