package differential

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/shadow"
)

const (
	// databaseName is that of the one database in which the schemas of a server version are made.
	databaseName = "differential"
	// freshEvery is the number of schemas after which it is made anew, as its catalogs grow.
	freshEvery = 100
)

// majors are the server versions over which the numbers of schemas rotate.
var majors = []int{15, 16, 17, 18}

// database is where the schemas of one server version are made, one after the other.
type database struct {
	server *pgtest.Server
	admin  *pgx.Conn
	used   int
}

func newDatabase(t *testing.T, major int) *database {
	return &database{server: pgtest.Private(t, major, "autovacuum=off", "max_wal_size=4GB", "full_page_writes=off", "shared_preload_libraries=")}
}

// roles are the roles that schemas make.
const roles = "app, app_owner, staff, service, team"

// clear removes what the last schema made.
func (d *database) clear(ctx context.Context, t *testing.T) {
	t.Helper()
	d.used++
	if d.used%freshEvery == 1 {
		if d.admin != nil {
			d.admin.Close(ctx)
		}
		postgres, err := pgx.Connect(ctx, d.server.DSN("postgres", pgtest.Superuser))
		require.NoError(t, err)
		defer postgres.Close(ctx)
		for _, sql := range []string{"DROP DATABASE IF EXISTS " + databaseName + " WITH (FORCE)", "DROP ROLE IF EXISTS " + roles, "CREATE DATABASE " + databaseName} {
			_, err := postgres.Exec(ctx, sql)
			require.NoError(t, err)
		}
		d.admin, err = pgx.Connect(ctx, d.server.DSN(databaseName, pgtest.Superuser))
		require.NoError(t, err)
		return
	}
	_, err := d.admin.Exec(ctx, fmt.Sprintf(`RESET ROLE; SET client_min_messages = error; DROP SCHEMA public CASCADE;
		DO $$ DECLARE made name; BEGIN
			FOR made IN SELECT rolname FROM pg_roles WHERE rolname = ANY (string_to_array('%[1]s', ', ')) LOOP EXECUTE format('DROP OWNED BY %%I', made); END LOOP;
		END $$;
		DROP ROLE IF EXISTS %[1]s; ALTER DATABASE %[2]s RESET ALL;
		CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC`, roles, databaseName))
	require.NoError(t, err)
}

// apply runs the statements of a schema and returns those that the server accepts.
func (d *database) apply(ctx context.Context, statements []string) (accepted []string, refusals []error) {
	for _, sql := range statements {
		if _, err := d.admin.Exec(ctx, sql); err != nil {
			refusals = append(refusals, err)
		} else {
			accepted = append(accepted, sql)
		}
	}
	return accepted, refusals
}

// Session opens a session for prove.
func (d *database) session(ctx context.Context, role string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, d.server.DSN(databaseName, pgtest.Superuser))
	if err != nil {
		return nil, err
	}
	return conn, shadow.Become(ctx, conn, role)
}

// try lets prove try every way in the database that a trial's statements made.
func (d *database) try(ctx context.Context, t *trial) (*prove.Report, error) {
	model := t.model()
	schema := t.replay()
	return prove.Run(ctx, prove.Database{Session: d.session, Schema: schema, Classes: classify.Of(schema, model), Model: model, Role: "app", Claims: prove.Claims(t.matrix, "app")})
}
