package livecheck

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/tenancy"
)

// A read ends when the server is silent for too long, or at the deadline that the owner sets if that is
// earlier, also while the read waits.
func TestPatience(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	connect := func(patience time.Duration) net.Conn {
		conn, err := patient((&net.Dialer{}).DialContext, patience)(t.Context(), "tcp", silent.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for name, tt := range map[string]struct {
		patience time.Duration
		set      func(c net.Conn)
	}{
		"silent":           {50 * time.Millisecond, func(net.Conn) {}},
		"deadline":         {time.Hour, func(c net.Conn) { c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) }},
		"deadline is gone": {50 * time.Millisecond, func(c net.Conn) { c.SetDeadline(time.Now()); c.SetDeadline(time.Time{}) }},
		"deadline is late": {50 * time.Millisecond, func(c net.Conn) { c.SetDeadline(time.Now().Add(time.Hour)) }},
		"while it waits": {time.Hour, func(c net.Conn) {
			time.AfterFunc(50*time.Millisecond, func() { c.SetDeadline(time.Now()) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(tt.patience)
			tt.set(conn)
			ended := make(chan error, 1)
			go func() { _, err := io.ReadFull(conn, make([]byte, 1)); ended <- err }()
			select {
			case err := <-ended:
				assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
			case <-time.After(10 * time.Second):
				t.Fatal("it still waits")
			}
		})
	}
}

// stalling is a connection that brings nothing any more, once told so.
type stalling struct {
	net.Conn
	stalled *bool
}

func (c *stalling) Read(p []byte) (int, error) {
	for *c.stalled {
		if _, err := c.Conn.Read(p); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

// connectStalling opens a connection that gives up soon, and that brings nothing any more once stalled says so.
func connectStalling(t *testing.T, db *pgtest.Database, stalled *bool) *pgx.Conn {
	t.Helper()
	config, err := parse(db.DSN(pgtest.Superuser))
	require.NoError(t, err)
	dial := (&net.Dialer{}).DialContext
	config.DialFunc = patient(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return &stalling{conn, stalled}, err
	}, 300*time.Millisecond)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// A network that drops everything in the middle of an audit ends it with what is known until then.
func TestAuditOfAServerThatFallsSilent(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t, "CREATE EXTENSION pg_stat_statements; CREATE TABLE notes (tenant_id uuid, id int)")
	for at, partial := range map[string]bool{"nothing is known": false, "the catalog is known": true} {
		t.Run(at, func(t *testing.T) {
			stalled := false
			conn := connectStalling(t, db, &stalled)
			stalled = !partial
			started := time.Now()
			audit, err := Run(t.Context(), conn, Options{Model: &tenancy.Model{Columns: []string{"tenant_id"}, Enforcement: tenancy.EnforceRLS}, Progress: func(s Step) { stalled = s.Done == 1 }})
			assert.Less(t, time.Since(started), 20*time.Second)
			if !partial {
				assert.ErrorIs(t, err, errSilent)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, errSilent.Error(), audit.Partial)
			assert.NotEmpty(t, audit.Result.Findings)
			assert.True(t, audit.Result.Broken())
		})
	}
}

// Also where it falls silent while a statement is planned.
func TestAuditOfAServerThatFallsSilentAmongStatements(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t, "CREATE EXTENSION pg_stat_statements; CREATE TABLE notes (tenant_id uuid, id int)")
	app := db.Role(t, "LOGIN")
	db.Exec(t, "GRANT SELECT ON notes TO "+app)
	for _, sql := range []string{"SELECT id FROM notes", "SELECT tenant_id FROM notes", "SELECT count(*) FROM notes"} {
		require.NoError(t, db.ExecAs(app, sql))
	}
	stalled := false
	conn := connectStalling(t, db, &stalled)
	audit, err := Run(t.Context(), conn, Options{
		Model:      &tenancy.Model{Columns: []string{"tenant_id"}, Enforcement: tenancy.EnforceRLS, Roles: tenancy.Roles{App: []string{app}}},
		Statements: StatementOptions{AllowSuperuser: true},
		Progress:   func(s Step) { stalled = s.What == "statements" && s.Done == 1 },
	})
	require.NoError(t, err)
	assert.Equal(t, errSilent.Error()+" after 1 of 3 statements", audit.Partial)
	assert.True(t, audit.Result.Broken())
}
