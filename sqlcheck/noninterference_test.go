package sqlcheck

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// The rows of the fixtures' schema. Tenant B has the same numbers, names and addresses as A, so that a
// statement that compares these meets B's rows too; ids end in a for A and in b for B.
const (
	rowsOfA = `
INSERT INTO tenant VALUES ('00000000-0000-0000-0000-00000000000a', 'a', 'A');
INSERT INTO users VALUES
  ('00000000-0000-0000-0001-00000000001a', '00000000-0000-0000-0000-00000000000a', 'open', 'secret-a', NULL),
  ('00000000-0000-0000-0001-00000000002a', '00000000-0000-0000-0000-00000000000a', 'paid', 'secret-a2', '00000000-0000-0000-0001-00000000001a');
INSERT INTO invoice VALUES
  ('00000000-0000-0000-0002-00000000001a', '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0001-00000000001a', 1, 10, 'open'),
  ('00000000-0000-0000-0002-00000000002a', '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0001-00000000002a', 2, 20, 'paid'),
  ('00000000-0000-0000-0002-00000000003a', '00000000-0000-0000-0000-00000000000a', NULL, 3, 30, 'de');
INSERT INTO line VALUES (1, '00000000-0000-0000-0002-00000000001a', 1, 'l1'), (2, '00000000-0000-0000-0002-00000000002a', 2, 'l2');
ALTER SEQUENCE line_id_seq RESTART 1000;
INSERT INTO line_note VALUES (1, 1, 'n');
INSERT INTO payment VALUES (1, '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0002-00000000001a', 10);
INSERT INTO template VALUES (1, NULL, 'global', ''), (2, '00000000-0000-0000-0000-00000000000a', 'own', '');
INSERT INTO counter VALUES ('00000000-0000-0000-0000-00000000000a', 'hits', 1);
INSERT INTO audit VALUES (1, '00000000-0000-0000-0000-00000000000a', 'a');
INSERT INTO log VALUES (1, '00000000-0000-0000-0000-00000000000a', 'a');
INSERT INTO country VALUES ('de', 'Germany', 'open'), ('open', 'Openland', 'x');
`
	rowsOfB = `
INSERT INTO tenant VALUES ('00000000-0000-0000-0000-00000000000b', 'b', 'B');
INSERT INTO users VALUES
  ('00000000-0000-0000-0001-00000000001b', '00000000-0000-0000-0000-00000000000b', 'open', 'secret-b', NULL),
  ('00000000-0000-0000-0001-00000000002b', '00000000-0000-0000-0000-00000000000b', 'de', 'secret-b2', '00000000-0000-0000-0001-00000000001b'),
  ('00000000-0000-0000-0001-00000000003b', '00000000-0000-0000-0000-00000000000b', 'zz', NULL, '00000000-0000-0000-0001-00000000001a');
INSERT INTO invoice VALUES
  ('00000000-0000-0000-0002-00000000001b', '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0001-00000000001b', 1, 110, 'open'),
  ('00000000-0000-0000-0002-00000000002b', '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0001-00000000002a', 4, 120, 'paid'),
  ('00000000-0000-0000-0000-00000000003b', '00000000-0000-0000-0000-00000000000b', NULL, 0, 130, 'open');
INSERT INTO line VALUES (11, '00000000-0000-0000-0002-00000000001b', 1, 'l1'), (12, '00000000-0000-0000-0002-00000000002b', 2, 'l2');
INSERT INTO line_note VALUES (11, 11, 'n');
INSERT INTO payment VALUES (11, '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0002-00000000001b', 10);
INSERT INTO template VALUES (12, '00000000-0000-0000-0000-00000000000b', 'own', '');
INSERT INTO counter VALUES ('00000000-0000-0000-0000-00000000000b', 'hits', 1);
INSERT INTO audit VALUES (11, '00000000-0000-0000-0000-00000000000b', 'b');
INSERT INTO old_log VALUES (1, '00000000-0000-0000-0000-00000000000b', 'b');
`
)

// snapshot selects all rows whose text holds, or does not hold, an id of B.
func snapshot(ofB bool) string {
	not := " NOT"
	if ofB {
		not = ""
	}
	var parts []string
	for _, table := range []string{"tenant", "users", "invoice", "payment", "template", "counter", "audit", "log"} {
		column := "tenant_id"
		if table == "tenant" {
			column = "id"
		}
		parts = append(parts, fmt.Sprintf("SELECT '%s' || t::text FROM %s t WHERE%s coalesce(%s::text, '') ~ 'b$'", table, table, not, column))
	}
	parts = append(parts,
		fmt.Sprintf("SELECT 'line' || l.invoice_id || l.pos || coalesce(l.text, '') FROM line l JOIN invoice i ON i.id = l.invoice_id WHERE%s i.tenant_id::text ~ 'b$'", not),
		fmt.Sprintf("SELECT 'note' || n.line_id || coalesce(n.note, '') FROM line_note n JOIN line l ON l.id = n.line_id JOIN invoice i ON i.id = l.invoice_id WHERE%s i.tenant_id::text ~ 'b$'", not))
	return strings.Join(parts, " UNION ALL ")
}

// bindings are the values that the fixtures' parameters take in turn: the tenant, an id, a text, ids.
var bindings = [][4]string{
	{"'00000000-0000-0000-0000-00000000000a'::uuid", "'00000000-0000-0000-0002-00000000009f'::uuid", "''::text", "ARRAY['00000000-0000-0000-0000-00000000000a']::uuid[]"},
	{"NULL::uuid", "'00000000-0000-0000-0002-00000000001b'::uuid", "'open'::text", "ARRAY['00000000-0000-0000-0002-00000000001b']::uuid[]"},
	{"'00000000-0000-0000-0000-00000000000a'::uuid", "'00000000-0000-0000-0002-00000000001b'::uuid", "'b'::text", "ARRAY['00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0002-00000000001b']::uuid[]"},
	{"NULL::uuid", "'00000000-0000-0000-0001-00000000001b'::uuid", "'secret-b'::text", "NULL::uuid[]"},
}

func bind(sql string, values [4]string) string {
	for k, v := range values {
		sql = strings.ReplaceAll(sql, fmt.Sprintf("$%d", k+1), v)
	}
	return sql
}

// notRun are statements that return nothing by themselves, or need a client that feeds them.
var notRun = []string{"PREPARE", "DECLARE", "EXPLAIN", "COPY invoice FROM", "COPY invoice TO"}

// TestFixturesOnServer holds the verdicts of the fixtures against a server: with a pinned statement the
// presence of B's rows makes no difference, with an unpinned one it does for some parameters.
func TestFixturesOnServer(t *testing.T) {
	server := pgtest.Start(t, 15)
	ddl, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	w := newWorlds(t, server, string(ddl), rowsOfA, rowsOfB, snapshot(true), snapshot(false))
	require.NotEmpty(t, w.run(w.with, w.theirs, false).rows)
	for _, f := range fixtures(t) {
		if hasPrefix(f.sql, notRun) || strings.Contains(f.sql, "nowhere") || strings.HasPrefix(f.sql, "DO") {
			continue
		}
		analysis := Analyze(testDatabase(), parse(t, f.sql))
		pinned, mustDiffer := allPinned(analysis), false
		for _, r := range analysis.References {
			mustDiffer = mustDiffer || !f.cautious && r.Verdict == Unpinned && !r.Tied && r.Command != Insert
		}
		t.Run(fmt.Sprint(f.line), func(t *testing.T) {
			w.t = t
			differs := ""
			for k, values := range bindings {
				// Whether an id is taken shows in any INSERT, as the key is unique for all tenants.
				if strings.HasPrefix(f.sql, "INSERT") && pinned && k > 0 {
					continue
				}
				sql := bind(f.sql, values)
				if code := w.fails(sql); code != "" && k == 0 {
					t.Fatalf("the server refuses the fixture: %s\n%s", code, sql)
				}
				if d := w.interference(sql); d != "" {
					differs = d + "\n" + sql
					if pinned {
						break
					}
				}
			}
			if pinned {
				assert.Empty(t, differs, "testdata/statements.sql:%d is called pinned", f.line)
			}
			if mustDiffer {
				assert.NotEmpty(t, differs, "testdata/statements.sql:%d is called unpinned, but no row of B matters\n%s", f.line, f.sql)
			}
		})
	}
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// allPinned reports whether the engine calls the whole statement isolated.
func allPinned(a *Analysis) bool {
	for _, r := range a.References {
		if r.Verdict != Pinned {
			return false
		}
	}
	return len(a.Undecided) == 0
}
