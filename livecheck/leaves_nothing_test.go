package livecheck_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

// tried are the writes that --probe-writes sends, between BEGIN READ WRITE and ROLLBACK.
var tried = regexp.MustCompile(`^(BEGIN READ WRITE|INSERT INTO "public"\."\w+" \(.*\) OVERRIDING SYSTEM VALUE VALUES |UPDATE "public"\."\w+" SET "tenant_id" = .* WHERE ctid = )`)

// left is what a write, or what it calls, would have changed.
const left = `SELECT concat_ws(' ', (SELECT md5(string_agg(o::text, ',' ORDER BY o::text)) FROM orders o), (SELECT md5(string_agg(n::text, ',' ORDER BY n::text)) FROM notes n),
	(SELECT last_value || is_called::text FROM notes_number_seq), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_roles),
	(SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE relname = 'goose_db_version'))`

// Each way in which the server can be asked reads alone, or is rolled back, and leaves no state in a
// session: neither on a connection of its own nor in the only session of a transaction pooler.
func TestNoWayLeavesAnythingBehind(t *testing.T) {
	for _, major := range pgtest.Majors() {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			s := pgtest.Private(t, major, "log_statement=all", "log_min_messages=info", "log_line_prefix=%u|")
			d := newAudited(t, s, twoRoles+`; CREATE TABLE notes (tenant_id uuid NOT NULL, number serial, id int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (tenant_id, id));
				INSERT INTO notes (tenant_id) SELECT tenant_id FROM orders;
				CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied boolean); INSERT INTO goose_db_version VALUES (1, 1, true);
				CREATE FUNCTION everything() RETURNS SETOF orders LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT * FROM orders'; ANALYZE`)
			d.Exec(t, fmt.Sprintf("ALTER ROLE %[1]s BYPASSRLS; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[1]s", d.auditor))
			d.execute(t, "SELECT count(*) FROM orders", "DELETE FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1'", "SELECT sum(CASE WHEN id = 1 THEN 1 ELSE 0 END) FROM notes")
			pooler := d.Pooler(t, "transaction", []string{d.auditor}, "default_pool_size = 1")
			watcher := d.Connect(t, pgtest.Superuser)
			state := func() (text string) {
				require.NoError(t, watcher.QueryRow(t.Context(), left).Scan(&text))
				return text
			}
			all := livecheck.Options{Model: d.model, Probes: livecheck.ProbeOptions{Writes: true, Functions: true}}
			for name, way := range map[string]func(t *testing.T, conn *pgx.Conn, dsn string){
				"audit": func(t *testing.T, conn *pgx.Conn, _ string) {
					audit, err := livecheck.Run(t.Context(), conn, all)
					require.NoError(t, err)
					assert.Empty(t, audit.Partial)
					assert.NotEmpty(t, audit.Statements)
					commands := map[string]bool{}
					for _, p := range audit.Probes {
						commands[p.Command] = commands[p.Command] || p.Statement != ""
					}
					assert.Equal(t, map[string]bool{"select": true, "insert": true, "update": true, "delete": true, "call": true}, commands)
				},
				"cost": func(t *testing.T, conn *pgx.Conn, _ string) {
					audit, err := livecheck.Cost(t.Context(), conn, all)
					require.NoError(t, err)
					assert.NotEmpty(t, audit.Skew.Tables)
				},
				"auditor's role": func(t *testing.T, conn *pgx.Conn, _ string) {
					schema, err := catalog.Read(t.Context(), conn)
					require.NoError(t, err)
					_, err = livecheck.AuditorRole(t.Context(), conn, project.OnServer(d.model, schema))
					require.NoError(t, err)
				},
				"fleet": func(t *testing.T, _ *pgx.Conn, dsn string) {
					file := &tenancy.Fleet{Parallel: 1, Databases: []tenancy.FleetDatabase{{Name: "only", DSN: dsn, Tenants: []string{"nobody"}}}}
					f, err := fleet.Run(t.Context(), file, fleet.Options{Audit: all})
					require.NoError(t, err)
					assert.NotEmpty(t, f.Placements)
					assert.NotEmpty(t, f.Versions)
					_, _, err = fleet.Cost(t.Context(), file, fleet.Options{Audit: all})
					require.NoError(t, err)
				},
			} {
				for how, dsn := range map[string]string{"direct": d.DSN(d.auditor), "pooled": pooler.DSN(d.auditor)} {
					t.Run(name+" "+how, func(t *testing.T) {
						conn, err := livecheck.Connect(t.Context(), dsn)
						require.NoError(t, err)
						defer conn.Close(context.Background())
						found, before, from := session(t, conn), state(), len(s.Log())
						way(t, conn, dsn)
						sent := sentBy(s.Log()[from:], d.auditor)
						assert.Equal(t, found, session(t, conn))
						assert.Equal(t, before, state())
						assert.Greater(t, len(sent), 10)
						open := false
						for _, statement := range sent {
							if open = open && statement != "ROLLBACK "+catalog.Marker; strings.HasPrefix(statement, "BEGIN READ WRITE") {
								open = true
							}
							if open {
								assert.Regexp(t, tried.String()+"|"+harmless.String(), statement)
							} else {
								assert.Regexp(t, harmless, statement)
							}
							assert.NotRegexp(t, lasting, statement)
						}
						assert.False(t, open, "every transaction that may write is rolled back")
					})
				}
			}
		})
	}
}
