package setscope_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// The rules rest on what a real server does with a setting.
func TestSettingsOnServers(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		ctx := context.Background()
		db := s.Database(t)
		reader := db.Role(t, "NOLOGIN")
		conn := db.Connect(t, pgtest.Superuser)
		tenant := func() (value string) {
			require.NoError(t, conn.QueryRow(ctx, "SELECT coalesce(current_setting('app.tenant_id', true), '')").Scan(&value))
			return value
		}
		exec := func(sql string, args ...any) {
			_, err := conn.Exec(ctx, sql, args...)
			require.NoError(t, err, sql)
		}

		exec("SELECT set_config('app.tenant_id', $1, true)", "lost")
		assert.Empty(t, tenant(), "set-outside-transaction: the setting is over with its statement")

		require.NoError(t, pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			exec("SELECT set_config('app.tenant_id', $1, true)", "a")
			assert.Equal(t, "a", tenant())
			return nil
		}))
		assert.Empty(t, tenant(), "a local setting ends with its transaction")

		require.NoError(t, pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			exec("SELECT set_config('app.tenant_id', $1, false)", "b")
			return nil
		}))
		assert.Equal(t, "b", tenant(), "set-not-local: the setting outlives its transaction")
		exec("RESET app.tenant_id")
		assert.Empty(t, tenant())

		var refused *pgconn.PgError
		_, err := conn.Exec(ctx, "SET app.tenant_id = $1", "c")
		require.True(t, errors.As(err, &refused), "set-with-parameter: %v", err)
		assert.Equal(t, "42601", refused.Code)
		_, err = conn.Exec(ctx, "SET app.tenant_id = $1", pgx.QueryExecModeSimpleProtocol, "c")
		assert.NoError(t, err, "the simple protocol pastes the value in")

		results, err := conn.PgConn().Exec(ctx, "SET LOCAL app.tenant_id = 'implicit'; SELECT current_setting('app.tenant_id')").ReadAll()
		require.NoError(t, err)
		assert.Equal(t, "implicit", string(results[1].Rows[0][0]), "statements of one text are one transaction")
		batch := &pgx.Batch{}
		batch.Queue("SELECT set_config('app.tenant_id', $1, true)", "batch")
		batch.Queue("SELECT current_setting('app.tenant_id')").QueryRow(func(row pgx.Row) error {
			var value string
			require.NoError(t, row.Scan(&value))
			assert.Equal(t, "batch", value, "so are those of a batch")
			return nil
		})
		require.NoError(t, conn.SendBatch(ctx, batch).Close())

		forged := "x'; SET app.tenant_id = 'forged"
		exec("SET app.tenant_id = '" + forged + "'")
		assert.Equal(t, "forged", tenant(), "set-injection")

		require.NoError(t, pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			exec("SELECT set_config('role', $1, true), set_config('search_path', $2, true)", reader, "app")
			var user, path string
			require.NoError(t, conn.QueryRow(ctx, "SELECT current_user, current_setting('search_path')").Scan(&user, &path))
			assert.Equal(t, reader, user, "the fix of set-injection for a role")
			assert.Equal(t, "app", path)
			return nil
		}))
	})
}
