package sqlcheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

// told writes findings as "rule severity line:column".
func told(result finding.Result) []string {
	lines := []string{}
	for _, f := range result.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %d:%d", f.Rule, f.Severity, f.Line, f.Column))
	}
	for _, u := range result.Undecided {
		lines = append(lines, "undecided "+u.Code)
	}
	return lines
}

func TestCheck(t *testing.T) {
	cases := []struct {
		sql  string
		want []string
	}{
		{"SELECT * FROM invoice WHERE tenant_id = $1", nil},
		{"SELECT * FROM country", nil},
		{"SELECT * FROM invoice", []string{"query-unscoped error 1:15"}},
		{"SELECT * FROM invoice i JOIN users u ON u.email = i.status", []string{"query-unscoped error 1:15"}},
		{"SELECT * FROM invoice i JOIN users u ON u.email = i.status WHERE i.tenant_id = $1", []string{"query-unscoped error 1:30"}},
		{"SELECT * FROM invoice i WHERE i.tenant_id = $1\nAND NOT EXISTS (SELECT FROM users u WHERE u.email = i.status)", []string{"query-unscoped error 2:29"}},
		{"SELECT * FROM tenant", []string{"query-unscoped info 1:15"}},
		{"SELECT * FROM tenant WHERE slug = $1", nil},
		{"DELETE FROM tenant WHERE slug = $1", []string{"query-by-id-unscoped info 1:13"}},
		{"SELECT * FROM tenant WHERE id = $1", nil},
		{"SELECT * FROM invoice WHERE tenant_id = $1 OR status = 'open'", []string{"query-unscoped error 1:15"}},
		{"COPY invoice TO STDOUT", []string{"query-unscoped error 1:6"}},

		{"SELECT * FROM invoice WHERE id = $1", []string{"query-by-id-unscoped info 1:15"}},
		{"SELECT * FROM invoice WHERE id = $1 OR number = 5", []string{"query-unscoped error 1:15"}},
		{"SELECT * FROM invoice WHERE id = $1 OR user_id = $2", []string{"query-by-id-unscoped info 1:15"}},
		{"SELECT * FROM users WHERE token = $1", []string{"query-by-id-unscoped info 1:15"}},
		{"SELECT * FROM invoice i JOIN users u ON u.id = i.user_id WHERE i.tenant_id = $1", []string{"query-by-id-unscoped info 1:30"}},
		{"SELECT * FROM invoice i JOIN users u ON u.id = COALESCE(i.user_id, $2) WHERE i.tenant_id = $1", []string{"query-by-id-unscoped info 1:30"}},
		{"SELECT * FROM invoice i LEFT JOIN line l ON l.invoice_id = i.id LEFT JOIN payment p ON p.amount = COALESCE(l.pos, i.number) WHERE i.tenant_id = $1", []string{"query-unscoped error 1:75"}},
		{"SELECT * FROM invoice i LEFT JOIN line l ON l.invoice_id = i.id LEFT JOIN line_note n ON n.line_id = COALESCE(l.id, $2) WHERE i.tenant_id = $1", []string{"query-by-id-unscoped info 1:75"}},
		{"SELECT * FROM invoice i JOIN line l ON l.invoice_id = i.id WHERE i.id = $1", []string{"query-by-id-unscoped info 1:15"}},
		{"SELECT * FROM invoice i JOIN users u ON i.number = 1 AND u.id = i.user_id OR i.number = 2 AND u.id = i.id WHERE i.tenant_id = $1", []string{"query-by-id-unscoped info 1:30"}},
		{"SELECT * FROM invoice i LEFT JOIN payment p ON p.invoice_id = i.id JOIN users u ON p.amount = 1 AND u.id = p.invoice_id OR u.id = i.user_id OR u.id = $2 WHERE i.tenant_id = $1", []string{"query-by-id-unscoped info 1:73"}},
		{"SELECT * FROM invoice i JOIN users u ON u.id = i.user_id OR u.email = i.status WHERE i.tenant_id = $1", []string{"query-unscoped error 1:30"}},
		{"SELECT * FROM users m JOIN invoice i ON i.status = m.email JOIN users u ON u.id = i.user_id OR u.id = i.id WHERE m.tenant_id = $1", []string{"query-unscoped error 1:28"}},
		{"INSERT INTO line (invoice_id, pos) VALUES ($1, 1)", []string{"query-by-id-unscoped info 1:13"}},
		{"INSERT INTO line (invoice_id, pos) SELECT id, 1 FROM invoice WHERE id = $1 AND tenant_id = $2", nil},

		{"SELECT * FROM invoice WHERE $1::uuid IS NULL OR tenant_id = $1", []string{"predicate-fails-open error 1:29"}},
		{"SELECT * FROM invoice WHERE (tenant_id = $1 OR $1::text = '') AND number = 1", []string{"predicate-fails-open error 1:48"}},
		{"SELECT * FROM invoice WHERE tenant_id = COALESCE($1, tenant_id)", []string{"predicate-fails-open error 1:41"}},
		{"SELECT * FROM invoice WHERE CASE WHEN $1 = '' THEN true ELSE tenant_id = $1::uuid END", []string{"predicate-fails-open error 1:39"}},
		{"SELECT * FROM invoice WHERE sqlc.narg('tenant_id')::uuid IS NULL OR tenant_id = sqlc.narg('tenant_id')", []string{"predicate-fails-open error 1:29"}},
		{"SELECT * FROM invoice WHERE ($1::uuid IS NULL OR tenant_id = $1) AND (status = 'open' OR number = 1)", []string{"predicate-fails-open error 1:30"}},
		{"SELECT * FROM invoice WHERE tenant_id = $1 OR $1 IS NULL OR status = 'open'", []string{"query-unscoped error 1:15"}},
		{"SELECT * FROM invoice WHERE id = $2 AND ($1::uuid IS NULL OR tenant_id = $1)", []string{"predicate-fails-open warning 1:42"}},
		{"SELECT * FROM invoice WHERE user_id = $1 AND ($2 = '' OR status LIKE $2 OR tenant_id::text = $2)", []string{"query-by-id-unscoped info 1:15"}},
		{"SELECT * FROM users u JOIN invoice i ON i.tenant_id = u.tenant_id AND i.user_id = u.id WHERE $1::uuid IS NULL OR u.tenant_id = $1", []string{"predicate-fails-open error 1:94"}},
		{"WITH own AS (SELECT * FROM users WHERE $1::uuid IS NULL OR tenant_id = $1) SELECT * FROM invoice i JOIN own u ON i.tenant_id = u.tenant_id AND i.user_id = u.id", []string{"predicate-fails-open error 1:40"}},
		{"SELECT * FROM template WHERE tenant_id IS NULL OR tenant_id = $1", []string{"predicate-fails-open warning 1:15"}},
		{"SELECT * FROM template t JOIN payment p ON p.amount = t.id WHERE p.tenant_id = $1 AND (t.tenant_id IS NULL OR t.tenant_id = $1)", []string{"predicate-fails-open warning 1:15"}},
		{"SELECT * FROM template t JOIN payment p ON p.id = t.id WHERE p.amount = 1 AND (t.tenant_id IS NULL OR t.tenant_id = $1)", []string{"predicate-fails-open warning 1:15", "query-by-id-unscoped info 1:31"}},
		{"SELECT * FROM template t JOIN payment p ON p.id = t.id WHERE p.tenant_id = $1 AND (t.tenant_id IS NULL OR t.tenant_id = $1)", nil},
		{"SELECT * FROM payment p WHERE p.tenant_id = $1 AND EXISTS (SELECT FROM template t WHERE t.id = p.id AND (t.tenant_id IS NULL OR t.tenant_id = $1))", nil},
		{"SELECT * FROM template WHERE tenant_id IS NULL", nil},
		{"SELECT * FROM invoice WHERE tenant_id IS NULL OR tenant_id = $1", nil},

		{"INSERT INTO counter (name) VALUES ('x')", []string{"insert-without-tenant error 1:13"}},
		{"INSERT INTO counter (tenant_id, name) VALUES (NULL, 'x')", []string{"insert-without-tenant error 1:13"}},
		{"INSERT INTO counter (tenant_id, name) VALUES (DEFAULT, 'x')", []string{"insert-without-tenant error 1:13"}},
		{"INSERT INTO template (id, name) VALUES (1, 'x')", []string{"insert-without-tenant warning 1:13"}},
		{"INSERT INTO audit (id) VALUES (1)", nil},
		{"INSERT INTO counter VALUES ($1, 'x')", nil},
		{"INSERT INTO tenant (slug) VALUES ('x')", nil},
		{"INSERT INTO counter (tenant_id, name) SELECT tenant_id, email FROM users", []string{"query-unscoped error 1:68"}},

		{"UPDATE invoice SET tenant_id = $2 WHERE tenant_id = $1", []string{"update-moves-tenant error 1:20"}},
		{"UPDATE invoice SET tenant_id = $1 WHERE tenant_id = $1", nil},
		{"UPDATE invoice SET tenant_id = tenant_id, amount = 1 WHERE tenant_id = $1", nil},
		{"UPDATE invoice SET (amount, tenant_id) = (1, $2) WHERE tenant_id = $1", []string{"update-moves-tenant error 1:29"}},
		{"UPDATE invoice SET amount = 1 WHERE tenant_id = $1", nil},

		{"INSERT INTO invoice (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET amount = 1", []string{"upsert-crosses-tenant error 1:13"}},
		{"INSERT INTO invoice (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (tenant_id, number) DO UPDATE SET amount = 1", nil},
		{"INSERT INTO invoice AS i (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET amount = 1 WHERE i.tenant_id = EXCLUDED.tenant_id", nil},
		{"INSERT INTO invoice AS i (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET amount = 1 WHERE i.tenant_id = $2", nil},
		{"INSERT INTO invoice (tenant_id, number) VALUES ($2, 1) ON CONFLICT ON CONSTRAINT invoice_pkey DO UPDATE SET amount = 1", []string{"upsert-crosses-tenant error 1:13"}},
		{"INSERT INTO invoice (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (id) DO NOTHING", nil},
		{"INSERT INTO invoice (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING id", nil},
		{"INSERT INTO invoice (id, tenant_id, number) VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING *", []string{"upsert-crosses-tenant error 1:13"}},
		{"INSERT INTO preset (id, tenant_id, name) VALUES ($1, $2, 'x') ON CONFLICT (name) DO UPDATE SET value = ''", []string{"upsert-crosses-tenant error 1:13"}},
		{"INSERT INTO preset (id, name) VALUES ($1, 'x') ON CONFLICT (name) WHERE tenant_id IS NULL DO UPDATE SET value = ''", []string{"insert-without-tenant warning 1:13"}},
		{"INSERT INTO line (invoice_id, pos) SELECT id, 1 FROM invoice WHERE tenant_id = $1 ON CONFLICT (invoice_id, pos) DO UPDATE SET text = 'x'", nil},
		{"INSERT INTO line (invoice_id, pos) SELECT id, 1 FROM invoice WHERE id = $2 AND tenant_id = $1 ON CONFLICT (invoice_id, pos) DO UPDATE SET text = 'x'", nil},
		{"INSERT INTO line (id, invoice_id, pos) SELECT $2, id, 1 FROM invoice WHERE tenant_id = $1 ON CONFLICT (id) DO UPDATE SET text = 'x'", []string{"upsert-crosses-tenant warning 1:13"}},

		{"SELECT * FROM invoice WHERE tenant_id = ANY($1)", []string{"tenant-list-query info 1:15"}},
		{"SELECT * FROM invoice WHERE tenant_id IN (sqlc.slice('tenants'))", []string{"tenant-list-query info 1:15"}},
		{"INSERT INTO counter (tenant_id, name) VALUES ($1, 'a'), ($2, 'b')", nil},

		{"TRUNCATE invoice, country", []string{"truncate-tenant-table error 1:10"}},
		{"TRUNCATE country", nil},

		{"SELECT * FROM invoice WHERE left(tenant_id::text, 8) = $1", []string{"undecided tenant-undecided"}},
		{"WITH due AS (SELECT d.* FROM due_invoices($1) d), newest AS (SELECT tenant_id, max(number) AS number FROM due GROUP BY tenant_id) " +
			"SELECT * FROM invoice i JOIN newest n ON (n.tenant_id, n.number) = (i.tenant_id, i.number)", []string{"undecided function-body", "undecided tenant-undecided"}},
		{"SELECT * FROM invoice i JOIN due_invoices($1) d ON d.number = i.number", []string{"query-unscoped error 1:15", "undecided function-body"}},
		{"SELECT * FROM nowhere", []string{"undecided relation-unknown"}},
	}
	reported := map[string]bool{}
	for _, c := range cases {
		t.Run(c.sql, func(t *testing.T) {
			result := Check(testDatabase(), parse(t, c.sql))
			if c.want == nil {
				c.want = []string{}
			}
			assert.Equal(t, c.want, told(result))
			for _, f := range result.Findings {
				reported[f.Rule] = true
				rule, ok := finding.Lookup(f.Rule)
				assert.True(t, ok)
				assert.Equal(t, finding.LensSQL, rule.Lens)
			}
		})
	}
	for _, rule := range finding.Rules() {
		if rule.Lens == finding.LensSQL {
			assert.Contains(t, rules, rule.Name)
			assert.True(t, reported[rule.Name], "no case reports %s", rule.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		assert.True(t, reported[name], "%s is in the catalogue", name)
	}
}

// TestFixesMendWhatTheyAreFor applies the predicate that a fix gives and judges the result.
func TestFixesMendWhatTheyAreFor(t *testing.T) {
	for _, sql := range []string{
		"SELECT * FROM invoice WHERE number = 1",
		"SELECT * FROM invoice i JOIN users u ON u.id = i.user_id AND u.tenant_id = i.tenant_id WHERE i.number = 1",
		"SELECT * FROM users u, invoice i WHERE u.tenant_id = $1 AND u.email = i.status",
		"UPDATE invoice SET amount = 0 WHERE number = 1",
		"DELETE FROM line l WHERE l.pos = 1",
		"SELECT * FROM line_note n WHERE n.note = 'x'",
		"SELECT * FROM line WHERE invoice_id = $1",
		"SELECT * FROM open_invoice WHERE number = 1",
	} {
		t.Run(sql, func(t *testing.T) {
			result := Check(testDatabase(), parse(t, sql))
			require.NotEmpty(t, result.Findings)
			fix := result.Findings[0].Fix
			require.NotNil(t, fix)
			if fix.Code == "" {
				assert.Contains(t, fix.Message, "view")
				return
			}
			mended := Check(testDatabase(), parse(t, sql+" "+fix.Code))
			assert.Empty(t, told(mended), fix.Code)
		})
	}
}

func TestFixComparesWithWhatIsInSight(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT * FROM invoice i WHERE tenant_id = $1 AND EXISTS (SELECT FROM users u WHERE u.email = i.status)":                               "AND u.tenant_id = i.tenant_id",
		"SELECT * FROM invoice WHERE tenant_id = $1 AND EXISTS (SELECT FROM invoice WHERE number = 1)":                                         "AND invoice.tenant_id = $1",
		"WITH found AS (SELECT * FROM invoice WHERE number = 1) SELECT * FROM users u JOIN found f ON f.user_id = u.id WHERE u.tenant_id = $1": "AND invoice.tenant_id = $1",
		"WITH mine AS (SELECT * FROM users u WHERE u.tenant_id = $1) SELECT * FROM invoice i WHERE i.status IN (SELECT email FROM mine)":       "AND i.tenant_id = $1",
		"SELECT * FROM invoice WHERE tenant_id = $1 AND EXISTS (SELECT FROM line WHERE text = 'x')":                                            "AND EXISTS (SELECT 1 FROM public.invoice WHERE invoice.id = line.invoice_id AND invoice.tenant_id = $1)",
		"UPDATE invoice SET amount = 0 FROM users WHERE invoice.tenant_id = $1 AND users.email = invoice.status":                               "AND users.tenant_id = invoice.tenant_id",
	} {
		result := Check(testDatabase(), parse(t, sql))
		require.Len(t, result.Findings, 1, sql)
		assert.Equal(t, want, result.Findings[0].Fix.Code, sql)
	}
}

func TestPlaceholdersAsWritten(t *testing.T) {
	const unpinned = "nothing equates tenant_id with a value that names one tenant"
	for sql, want := range map[string][2]string{
		"SELECT * FROM invoice WHERE number = @number":                                                  {unpinned, "AND invoice.tenant_id = @tenant_id"},
		"SELECT * FROM invoice WHERE number = :number":                                                  {unpinned, "AND invoice.tenant_id = :tenant_id"},
		"SELECT * FROM invoice WHERE number = ?":                                                        {unpinned, "AND invoice.tenant_id = ?"},
		"SELECT * FROM invoice WHERE number = sqlc.arg('number')":                                       {unpinned, "AND invoice.tenant_id = sqlc.arg('tenant_id')"},
		"SELECT * FROM invoice WHERE number = $1":                                                       {unpinned, "AND invoice.tenant_id = $2"},
		"INSERT INTO counter (tenant_id, name) SELECT @org, status FROM invoice WHERE number = @number": {unpinned, "AND invoice.tenant_id = @org"},
		"SELECT * FROM invoice WHERE (@org::uuid IS NULL OR tenant_id = @org)":                          {"does not hold where @org::uuid IS NULL", "invoice.tenant_id = @org"},
	} {
		statements, broken := Prepare("q.sql", Text(sql), nil)
		require.Empty(t, broken)
		require.Len(t, statements, 1)
		result := Check(testDatabase(), statements[0])
		require.Len(t, result.Findings, 1, sql)
		assert.Contains(t, result.Findings[0].Message, want[0], sql)
		assert.Equal(t, want[1], result.Findings[0].Fix.Code, sql)
	}
}

func TestMessages(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT * FROM invoice i":    "the statement reads rows of every tenant in public.invoice (i): nothing equates tenant_id with a value that names one tenant",
		"DELETE FROM line":           "the statement deletes rows of every tenant in public.line: nothing ties it to a row of its parent public.invoice that is pinned",
		"SELECT * FROM open_invoice": "the statement reads rows of every tenant in public.invoice (through the view public.open_invoice): nothing equates tenant_id with a value that names one tenant",
		"SELECT * FROM invoice WHERE $1::uuid IS NULL OR tenant_id = $1":                    "the predicate on invoice.tenant_id does not hold where $1::uuid IS NULL: the statement then reads rows of every tenant in public.invoice",
		"SELECT * FROM invoice WHERE status = 'open' OR tenant_id = $1":                     "the statement reads rows of other tenants in public.invoice: the predicate on invoice.tenant_id does not hold where status = 'open'",
		"SELECT * FROM invoice WHERE id = $1 UNION ALL SELECT * FROM invoice WHERE id = $2": "the statement reaches public.invoice by id, whichever tenant the row belongs to",
		"SELECT * FROM invoice WHERE id = $1":                                               "the statement reaches public.invoice by id, whichever tenant the row belongs to",
		"INSERT INTO counter (name) VALUES ('x')":                                           "the statement inserts into public.counter without setting tenant_id",
		"UPDATE invoice SET tenant_id = $2 WHERE tenant_id = $1":                            "the statement assigns tenant_id of public.invoice, which hands existing rows to another tenant",
		"TRUNCATE invoice": "TRUNCATE removes the rows of every tenant from public.invoice, and row-level security does not stop it",
		"SELECT * FROM invoice WHERE tenant_id = ANY($1) AND status = 'ok'": "the statement reads rows of a list of tenants in public.invoice: whoever fills the list decides whose",
	} {
		result := Check(testDatabase(), parse(t, sql))
		if assert.NotEmpty(t, result.Findings, sql) {
			assert.Equal(t, want, result.Findings[0].Message)
		}
	}
}

// TestScoped holds what a tenant-scoped handle changes: row-level security then stands for a predicate.
func TestScoped(t *testing.T) {
	const ddl = `
CREATE TABLE tenant (id uuid PRIMARY KEY);
CREATE TABLE guarded (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenant, x int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE TABLE child (id int PRIMARY KEY, guarded_id uuid NOT NULL REFERENCES guarded);
CREATE TABLE leaky (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, x int);
ALTER TABLE leaky ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON leaky USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE POLICY all_of_them ON leaky FOR SELECT USING (x > 0);
CREATE TABLE plain (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, x int);
`
	db := databaseOf(ddl, testModel())
	for sql, want := range map[string][2]int{ // findings without and with a scoped handle
		"SELECT * FROM guarded": {1, 0},
		"SELECT * FROM plain":   {1, 1},
		"SELECT * FROM leaky":   {1, 1},
		"SELECT * FROM child c JOIN guarded g ON g.id = c.guarded_id": {1, 0},
		"SELECT * FROM child":                  {1, 1},
		"UPDATE guarded SET x = 1":             {1, 0},
		"INSERT INTO guarded (id) VALUES ($1)": {1, 0},
		"TRUNCATE guarded":                     {1, 1},
		"INSERT INTO guarded (id, tenant_id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET x = 1": {1, 0},
	} {
		stmt := parse(t, sql)
		plain, scoped := Check(db, stmt), Check(db, stmt, Scoped())
		assert.Equal(t, want, [2]int{len(plain.Findings), len(scoped.Findings)}, "%s\n%s", sql, strings.Join(told(scoped), "\n"))
	}
}
