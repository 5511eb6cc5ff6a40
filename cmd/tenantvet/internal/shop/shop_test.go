package shop

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func needServer(t *testing.T) {
	if len(pgtest.Majors()) == 0 && os.Getenv("TENANTVET_REQUIRE_SERVERS") != "1" {
		t.Skip("no PostgreSQL is installed; run .ci/servers")
	}
}

func TestStart(t *testing.T) {
	needServer(t)
	s, err := Start(t.Context())
	require.NoError(t, err)
	defer s.Close()
	conn, err := pgx.Connect(t.Context(), s.DSN())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var statements int
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT count(*) FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE rolname = $1 AND calls >= $2", AppRole, tenants).Scan(&statements))
	assert.GreaterOrEqual(t, statements, len(calls))
	_, err = conn.Exec(t.Context(), "SELECT body FROM public.notes")
	assert.ErrorContains(t, err, "permission denied", "the auditor reads whose rows there are, and nothing of them")
}

// Whenever it is interrupted, no server stays.
func TestInterrupted(t *testing.T) {
	needServer(t)
	for _, after := range []time.Duration{0, 300 * time.Millisecond, 1500 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx)
		cancel()
		if err == nil {
			s.Close() // it was quicker
		}
		assert.Empty(t, servers(t), "interrupted after %v", after)
	}
}

// servers are the PostgreSQL processes that this one started.
func servers(t *testing.T) (names []string) {
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	require.NoError(t, err)
	for _, task := range tasks {
		children, _ := os.ReadFile(task) // a thread may have ended
		for _, pid := range strings.Fields(string(children)) {
			if name, _ := os.ReadFile("/proc/" + pid + "/comm"); strings.HasPrefix(string(name), "postgres") {
				names = append(names, pid)
			}
		}
	}
	return names
}
