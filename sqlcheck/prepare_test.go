package sqlcheck

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

// parts splits a text at … into literal text and holes of any text; «v» and «n» are holes for a value
// and for a name.
func parts(text string) []Part {
	var all []Part
	for {
		at := strings.IndexAny(text, "…«")
		if at < 0 {
			return append(all, Part{Text: text})
		}
		all = append(all, Part{Text: text[:at]})
		hole, rest := AnyText, text[at+len("…"):]
		if strings.HasPrefix(text[at:], "«") {
			rest = text[at+len("«v»"):]
			hole = map[byte]Hole{'v': ValueText, 'n': NameText}[text[at+len("«")]]
		}
		all = append(all, Part{Hole: hole})
		text = rest
	}
}

func TestPrepareRewritesPlaceholders(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT $1": "SELECT $1",
		"SELECT * FROM t WHERE a = ? AND b IN (?, ?)":   "SELECT * FROM t WHERE a = $1 AND b IN ($2, $3)",
		"SELECT * FROM t WHERE a = $2 AND b = ?":        "SELECT * FROM t WHERE a = $2 AND b = $3",
		"SELECT * FROM t LIMIT ? OFFSET ?":              "SELECT * FROM t LIMIT $1 OFFSET $2",
		"SELECT ?::uuid, '?', \"?\", $$ ? $$ -- ?":      "SELECT $1::uuid, '?', \"?\", $$ ? $$",
		"SELECT data ? 'key' FROM t":                    "SELECT data ? 'key' FROM t",
		"SELECT data ?| array['a'], data ?& $1 FROM t":  "SELECT data ?| array['a'], data ?& $1 FROM t",
		"SELECT data ?? 'key' FROM t WHERE a = ?":       "SELECT data ? 'key' FROM t WHERE a = $1",
		"SELECT (data->'x') ? 'key' FROM t WHERE a = ?": "SELECT (data->'x') ? 'key' FROM t WHERE a = $1",
		"SELECT :name, :name, :other_1":                 "SELECT $1, $1, $2",
		"SELECT a::text, b[1:2], '12:30' FROM t":        "SELECT a::text, b[1:2], '12:30' FROM t",
		"SELECT :a::text":                               "SELECT $1::text",
		"SELECT @name, @name::uuid":                     "SELECT $1, $1::uuid",
		"SELECT a @> b, c <@ d, e @@ f FROM t":          "SELECT a @> b, c <@ d, e @@ f FROM t",
		"SELECT a =@name FROM t":                        "SELECT a =$1 FROM t",
		"SELECT * FROM t WHERE a = sqlc.arg('x')":       "SELECT * FROM t WHERE a = sqlc.arg('x')",
	} {
		statements, broken := Prepare("q.sql", Text(sql), nil)
		require.Empty(t, broken, sql)
		require.Len(t, statements, 1, sql)
		assert.Equal(t, want, statements[0].Text())
	}
}

func TestPrepareFillsHoles(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * FROM … WHERE a = 1":               "SELECT * FROM tenantvet_hole_0 WHERE a = 1",
		"SELECT * FROM «n» WHERE a = «v»":           "SELECT * FROM tenantvet_hole_0 WHERE a = $70001",
		"SELECT … FROM t":                           "SELECT $70000 FROM t",
		"SELECT * FROM t WHERE …":                   "SELECT * FROM t WHERE $70000",
		"SELECT * FROM t WHERE a = 1 AND …":         "SELECT * FROM t WHERE a = 1 AND $70000",
		"SELECT * FROM t WHERE a = 1 …":             "SELECT * FROM t WHERE a = 1",
		"SELECT * FROM t WHERE a = 1 … ORDER BY b":  "SELECT * FROM t WHERE a = 1   ORDER BY b",
		"SELECT * FROM t ORDER BY … LIMIT …":        "SELECT * FROM t ORDER BY $70000 LIMIT $70001",
		"SELECT * FROM t WHERE a IN (…)":            "SELECT * FROM t WHERE a IN ($70000)",
		"SELECT * FROM t WHERE a = '…'":             "SELECT * FROM t WHERE a = '…'",
		"SELECT * FROM t_… WHERE a = 1":             "SELECT * FROM t_tenantvet_hole_0 WHERE a = 1",
		"INSERT INTO t (a) VALUES …":                "INSERT INTO t (a) VALUES ($70000)",
		"INSERT INTO t (…) VALUES (…)":              "INSERT INTO t (tenantvet_hole_0) VALUES ($70001)",
		"UPDATE t SET … WHERE a = 1":                "UPDATE t SET tenantvet_hole_0 = $70000 WHERE a = 1",
		"WITH x AS (…) SELECT * FROM x":             "WITH x AS (SELECT $70000) SELECT * FROM x",
		"SELECT * FROM t WHERE a = ? AND … LIMIT ?": "SELECT * FROM t WHERE a = $1 AND $70000 LIMIT $2",
		"SELECT * FROM t … WHERE a = 1":             "SELECT * FROM t   WHERE a = 1",
		"SELECT * FROM t -- …\nWHERE a = 1":         "SELECT * FROM t -- \x01\nWHERE a = 1",
		"SELECT * FROM \"…\".t":                     "SELECT * FROM \"tenantvet_hole_\".t",
	} {
		statements, broken := Prepare("q.sql", parts(text), nil)
		require.Empty(t, broken, text)
		require.Len(t, statements, 1, text)
		assert.Equal(t, want, statements[0].Text(), text)
	}
}

// TestPrepareKeepsPositions holds that each name stands where it stood before the rewriting.
func TestPrepareKeepsPositions(t *testing.T) {
	text := "SELECT :a, :long_name,\n ? FROM invoice\nWHERE number = @number AND … AND tenant_id = 5"
	place := func(part, offset int) finding.Position {
		return finding.Position{File: "q.go", Line: part + 1, Column: offset + 1}
	}
	statements, broken := Prepare("q.go", parts(text), place)
	require.Empty(t, broken)
	analysis := Analyze(testDatabase(), statements[0])
	require.Len(t, analysis.References, 1)
	assert.Equal(t, finding.Position{File: "q.go", Line: 1, Column: strings.Index(text, "invoice") + 1}, analysis.References[0].Position)

	_, broken = Prepare("q.go", parts("SELECT :a FRM t WHERE …"), place)
	require.Len(t, broken, 1)
	assert.Equal(t, "q.go:1:15: syntax error at or near \"t\"", broken[0].Error())
}

// TestHoles holds what a hole leaves of a verdict: what is pinned beside it stays pinned, what is not is
// undecided where the hole may hold the predicate.
func TestHoles(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * FROM invoice WHERE tenant_id = $1 AND …":             "pinned",
		"SELECT * FROM invoice WHERE tenant_id = $1 …":                 "pinned",
		"SELECT * FROM invoice WHERE … AND tenant_id = $1":             "pinned",
		"SELECT * FROM invoice WHERE tenant_id = …":                    "pinned",
		"SELECT * FROM invoice WHERE tenant_id = '…'":                  "pinned",
		"SELECT * FROM invoice WHERE …":                                "undecided",
		"SELECT * FROM invoice WHERE number = 1 AND …":                 "undecided",
		"SELECT * FROM invoice …":                                      "undecided",
		"SELECT * FROM invoice WHERE number = 1 … ORDER BY id":         "undecided",
		"SELECT * FROM invoice WHERE … = $1":                           "undecided",
		"SELECT * FROM invoice WHERE number = 1 ORDER BY …":            "unpinned",
		"SELECT * FROM invoice WHERE number = 1 ORDER BY id …":         "unpinned",
		"SELECT * FROM invoice WHERE number = …":                       "unpinned",
		"SELECT … FROM invoice WHERE number = 1":                       "unpinned",
		"SELECT * FROM invoice WHERE number = 1 LIMIT …":               "unpinned",
		"UPDATE invoice SET amount = … WHERE number = 1":               "unpinned",
		"INSERT INTO counter (…) VALUES (…)":                           "undecided",
		"SELECT * FROM invoice WHERE tenant_id = $1 AND number IN (…)": "pinned",
	} {
		statements, broken := Prepare("q.sql", parts(text), nil)
		require.Empty(t, broken, text)
		analysis := Analyze(testDatabase(), statements[0])
		require.Len(t, analysis.References, 1, text)
		assert.Equal(t, want, analysis.References[0].Verdict.String(), text)
	}
	statements, _ := Prepare("q.sql", parts("SELECT * FROM … WHERE tenant_id = $1"), nil)
	analysis := Analyze(testDatabase(), statements[0])
	require.Len(t, analysis.Undecided, 1)
	assert.Equal(t, "relation-dynamic", analysis.Undecided[0].Code)
}

func TestQueries(t *testing.T) {
	const text = `-- a comment; with a semicolon
SELECT 0;

-- name: GetInvoice :one
SELECT * FROM invoice WHERE id = @id AND tenant_id = @tenant;

-- name:ListInvoices   :many
-- Lists them.
SELECT * FROM invoice WHERE tenant_id = $1
--name: update-invoice
UPDATE invoice SET amount = :amount WHERE id = :id;
DELETE FROM line
/* name: Ordered :many */
SELECT * FROM invoice WHERE tenant_id = $1 ORDER BY %order% LIMIT %d
-- name: Broken :exec
SELEC 1;
-- name: Modulo :one
SELECT 5 % 2
`
	queries, broken := Queries("q.sql", text)
	type told struct {
		name string
		line int
		text string
	}
	var got []told
	for _, q := range queries {
		got = append(got, told{q.Name, q.Statement.Position(0).Line, strings.Fields(q.Statement.Text())[0]})
	}
	assert.Equal(t, []told{
		{"", 2, "SELECT"}, {"GetInvoice", 5, "SELECT"}, {"ListInvoices", 9, "SELECT"}, {"update-invoice", 11, "UPDATE"},
		{"update-invoice", 12, "DELETE"}, {"Ordered", 14, "SELECT"}, {"Modulo", 18, "SELECT"},
	}, got)
	require.Len(t, broken, 1)
	assert.Equal(t, `q.sql:16:1: syntax error at or near "SELEC"`, broken[0].Error())
}
