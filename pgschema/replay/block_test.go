package replay_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/tenancy"
)

const (
	buildOne = "CREATE INDEX CONCURRENTLY i ON t (a);\n"
	buildTwo = buildOne + "CREATE INDEX CONCURRENTLY j ON t (b);\n"
	mixed    = "ALTER TABLE t ADD COLUMN c int;\n" + buildOne
)

func TestBlock(t *testing.T) {
	for name, c := range map[string]struct {
		file   string
		format tenancy.Format
		text   string
		want   string
	}{
		"psql":                          {"m.sql", tenancy.Plain, buildTwo, ""},
		"psql, in a block":              {"m.sql", tenancy.Plain, "BEGIN;\n" + buildOne + "COMMIT;", "a BEGIN above it"},
		"psql, behind a block":          {"m.sql", tenancy.Plain, "BEGIN;\nSELECT 1;\nCOMMIT;\n" + buildOne, ""},
		"psql, behind a ROLLBACK":       {"m.sql", tenancy.Plain, "BEGIN;\nSELECT 1;\nROLLBACK;\n" + buildOne, ""},
		"psql, behind COMMIT AND CHAIN": {"m.sql", tenancy.Plain, "BEGIN;\nCOMMIT AND CHAIN;\n" + buildOne, "a BEGIN above it"},
		"a DO block":                    {"m.sql", tenancy.Plain, "DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON t (a); END $$;", "PL/pgSQL"},
		"goose":                         {"1.sql", tenancy.Auto, "-- +goose Up\n" + buildOne, "goose runs"},
		"goose, told above":             {"1.sql", tenancy.Auto, "-- +goose NO TRANSACTION\n-- +goose Up\n" + buildOne, ""},
		"goose, told below":             {"1.sql", tenancy.Auto, "-- +goose Up\n-- +goose no transaction\n" + buildOne, ""},
		"goose, one alone":              {"1.sql", tenancy.Auto, "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\n" + buildOne + "-- +goose StatementEnd\nSELECT 1;", ""},
		"goose, two at once":            {"1.sql", tenancy.Auto, "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\n" + buildTwo + "-- +goose StatementEnd\n", "the tool sends what stands between"},
		"sql-migrate":                   {"1.sql", tenancy.Auto, "-- +migrate Up\n" + buildOne, "sql-migrate runs"},
		"sql-migrate, told":             {"1.sql", tenancy.Auto, "-- +migrate Up notransaction\n" + buildTwo, ""},
		"dbmate":                        {"1.sql", tenancy.Auto, "-- migrate:up\n" + buildOne, "dbmate runs"},
		"dbmate, told":                  {"1.sql", tenancy.Auto, "-- migrate:up transaction:false\n" + buildOne, ""},
		"dbmate, told for two":          {"1.sql", tenancy.Auto, "-- migrate:up transaction:false\n" + buildTwo, "dbmate sends"},
		"tern":                          {"1.sql", tenancy.Tern, buildOne, "tern runs"},
		"tern, told":                    {"1.sql", tenancy.Tern, "---- tern: disable-tx ----\n" + buildTwo, ""},
		"Atlas":                         {"1.sql", tenancy.Atlas, buildOne, "Atlas runs"},
		"Atlas, told":                   {"1.sql", tenancy.Atlas, "-- atlas:txmode none\n\n" + buildTwo, ""},
		"golang-migrate":                {"1_x.up.sql", tenancy.Auto, "-- one\n" + buildOne, ""},
		"golang-migrate, two":           {"1_x.up.sql", tenancy.Auto, buildTwo, "golang-migrate sends"},
		"Flyway":                        {"V1__x.sql", tenancy.Flyway, buildTwo, ""},
		"Flyway, mixed":                 {"V1__x.sql", tenancy.Flyway, mixed, "Flyway refuses"},
	} {
		t.Run(name, func(t *testing.T) {
			s := replay.Replay([]replay.File{
				{Name: "0.sql", Text: "CREATE TABLE t (a int, b int);", Format: tenancy.Plain},
				{Name: c.file, Text: c.text, Format: c.format},
			}, replay.Options{})
			for _, e := range s.Events {
				if e.Kind != "IndexStmt" {
					continue
				}
				if c.want == "" {
					assert.Empty(t, e.Block)
				} else {
					assert.Contains(t, e.Block, c.want)
				}
				return
			}
			t.Error("no index is built")
		})
	}
}

// What is said of blocks is so on servers: several statements of one message are one transaction.
func TestConcurrentlyOnServer(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, "CREATE TABLE t (a int, b int)")
		conn := db.Connect(t, pgtest.Superuser)
		run := func(sql string) error {
			_, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
			return err
		}
		require.ErrorContains(t, run(buildTwo), "CREATE INDEX CONCURRENTLY cannot")
		require.ErrorContains(t, run("BEGIN; "+buildOne), "CREATE INDEX CONCURRENTLY cannot")
		require.NoError(t, run("ROLLBACK"))
		require.ErrorContains(t, run(fmt.Sprintf("DO $$ BEGIN %s END $$", buildOne)), "CREATE INDEX CONCURRENTLY cannot")
		require.NoError(t, run("-- one\n"+buildOne))
		require.ErrorContains(t, run("REINDEX INDEX CONCURRENTLY i; SELECT 1"), "REINDEX CONCURRENTLY cannot")
		require.ErrorContains(t, run("DROP INDEX CONCURRENTLY i; SELECT 1"), "DROP INDEX CONCURRENTLY cannot")
		require.NoError(t, run("DROP INDEX CONCURRENTLY i"))
	})
}
