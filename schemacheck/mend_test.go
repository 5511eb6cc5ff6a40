package schemacheck_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/mend"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// migration builds the migration that mends a fixture.
func (f fixture) migration(t *testing.T) *mend.Migration {
	t.Helper()
	return mend.Build("fix.sql", func(text string) finding.Result {
		return f.check(t, fixture{name: "fix.sql", text: "\nRESET ROLE;\n" + text})
	}, tenancy.Plain)
}

// TestFixMigration wants the one migration out of all findings of a broken fixture to end every finding
// that has SQL, in the files and on a real server, the oldest supported.
func TestFixMigration(t *testing.T) {
	const major = 15
	server := pgtest.Private(t, major)
	for _, rule := range schemaRules() {
		t.Run(rule.Name, func(t *testing.T) {
			f := readFixture(t, filepath.Join("testdata", rule.Name, "broken.sql"))
			require.LessOrEqual(t, f.needs, major)
			f.model.PGVersion = major
			m := f.migration(t)
			assert.Empty(t, facts(m.Left), "still there in the files after\n%s", m.Text)
			if m.Text == "" {
				return
			}
			assert.Positive(t, m.Mended)
			assert.Empty(t, mendable(f.mendOn(t, server, m.Text)), "still there on the server after\n%s", m.Text)
		})
	}
}

// TestFixMigrationFormats wants the migration in the words of each tool, so that the tool runs all of it, and
// what is concurrent outside a transaction.
func TestFixMigrationFormats(t *testing.T) {
	for format, c := range map[tenancy.Format]struct {
		begins string
		// together says that no annotation lets the tool run the file, as the header explains.
		together bool
	}{
		tenancy.Plain:         {"-- Proposed by tenantvet", false},
		tenancy.Goose:         {"-- +goose NO TRANSACTION\n-- +goose Up\n-- Proposed", false},
		tenancy.SQLMigrate:    {"-- +migrate Up notransaction\n-- Proposed", false},
		tenancy.Tern:          {"---- tern: disable-tx ----\n-- Proposed", false},
		tenancy.Atlas:         {"-- atlas:txmode none\n\n-- Proposed", false},
		tenancy.Dbmate:        {"-- migrate:up transaction:false\n-- Proposed", true},
		tenancy.GolangMigrate: {"-- Proposed", true},
		tenancy.Flyway:        {"-- Proposed", true},
	} {
		t.Run(string(format), func(t *testing.T) {
			f := readFixture(t, filepath.Join("testdata", "rls-disabled", "broken.sql"))
			check := func(text string) finding.Result {
				return f.check(t, fixture{name: "fix.sql", text: text, format: format})
			}
			m := mend.Build("fix.sql", check, format)
			assert.True(t, strings.HasPrefix(m.Text, c.begins), m.Text)
			assert.Contains(t, m.Text, "CREATE INDEX CONCURRENTLY")
			assert.Empty(t, facts(m.Left))
			assert.Equal(t, c.together, strings.Contains(m.Text, "give each statement outside a transaction a file of its own"))
			refused := of(check(m.Text), "concurrently-in-transaction")
			assert.Equal(t, c.together, len(refused) > 0, facts(refused))
		})
	}
}

func mendable(result finding.Result) []string {
	var left []finding.Finding
	for _, f := range result.Findings {
		if mend.Mendable(f) {
			left = append(left, f)
		}
	}
	return facts(left)
}

// mendOn applies a fixture and its migration on a server and runs the rules on the catalogs.
func (f fixture) mendOn(t *testing.T, server *pgtest.Server, migration string) finding.Result {
	t.Helper()
	conn := f.apply(t, server)
	defer conn.Close(context.Background())
	exec(t, conn, pgast.NewSource("fix.sql", migration))
	schema, err := catalog.Read(t.Context(), conn)
	require.NoError(t, err)
	return schemacheck.Check(schema, classify.Of(schema, &f.model), &f.model)
}

// exec runs the statements of a file one by one, as psql does.
func exec(t *testing.T, conn *pgx.Conn, source *pgast.Source) {
	t.Helper()
	statements, broken := pgast.Parse(source)
	require.Empty(t, broken)
	for _, stmt := range statements {
		_, err := conn.PgConn().Exec(t.Context(), stmt.Text()).ReadAll()
		require.NoError(t, err, "%s: %s", stmt.Position(0), stmt.Text())
	}
}
