package demo

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestStart(t *testing.T) {
	if len(pgtest.Majors()) == 0 && os.Getenv("TENANTVET_REQUIRE_SERVERS") != "1" {
		t.Skip("no PostgreSQL is installed; run .ci/servers")
	}
	d, err := Start(t.Context())
	require.NoError(t, err)
	defer d.Close()
	conn, err := pgx.Connect(t.Context(), d.DSN())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var statements int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM public.pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE rolname = $1 AND calls >= $2`, AppRole, tenants).Scan(&statements))
	assert.GreaterOrEqual(t, statements, len(calls))
	_, err = conn.Exec(t.Context(), "SELECT body FROM public.notes")
	assert.ErrorContains(t, err, "permission denied", "the auditor reads whose rows there are, and nothing of them")

	dir := d.server.SocketDir()
	d.Close()
	assert.NoDirExists(t, dir)
}
