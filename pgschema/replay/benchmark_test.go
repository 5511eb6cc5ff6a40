package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// manyMigrations makes 500 files of 20 statements, as a service of some years has them.
func manyMigrations() []replay.File {
	files := make([]replay.File, 500)
	for i := range files {
		var b strings.Builder
		b.WriteString("-- +goose Up\n")
		fmt.Fprintf(&b, `CREATE TABLE t%[1]d (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	tenant_id uuid NOT NULL REFERENCES t0 (id) ON DELETE CASCADE,
	name text NOT NULL DEFAULT '' CHECK (length(name) < 100),
	created_at timestamptz NOT NULL DEFAULT now()
);
`, i)
		fmt.Fprintf(&b, "CREATE INDEX ON t%[1]d (tenant_id, created_at DESC) WHERE name <> '';\nCREATE UNIQUE INDEX t%[1]d_name ON t%[1]d (tenant_id, lower(name));\n", i)
		fmt.Fprintf(&b, "ALTER TABLE t%[1]d ENABLE ROW LEVEL SECURITY;\nALTER TABLE t%[1]d FORCE ROW LEVEL SECURITY;\n", i)
		fmt.Fprintf(&b, "CREATE POLICY isolation ON t%[1]d USING (tenant_id = current_setting('app.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid);\n", i)
		fmt.Fprintf(&b, "GRANT SELECT, INSERT, UPDATE, DELETE ON t%d TO app;\n", i)
		fmt.Fprintf(&b, "CREATE VIEW v%[1]d AS SELECT a.id, a.name, b.name AS parent FROM t%[1]d a JOIN t0 b ON b.id = a.tenant_id;\n", i)
		for j := range 4 {
			fmt.Fprintf(&b, "ALTER TABLE t%d ADD COLUMN c%d text;\nCOMMENT ON COLUMN t%[1]d.c%d IS 'a note';\n", i, j, j)
		}
		fmt.Fprintf(&b, "ALTER TABLE t%[1]d DROP COLUMN c0;\nALTER TABLE t%[1]d RENAME COLUMN c1 TO note;\nCREATE FUNCTION f%[1]d(x uuid) RETURNS text LANGUAGE sql STABLE AS $$ SELECT name FROM t%[1]d WHERE id = x $$;\nINSERT INTO t%[1]d (tenant_id) SELECT id FROM t0;\n", i)
		b.WriteString("-- +goose Down\n")
		fmt.Fprintf(&b, "DROP TABLE t%d;\n", i)
		files[i] = replay.File{Name: fmt.Sprintf("%05d.sql", i), Text: b.String()}
	}
	return files
}

func BenchmarkReplay(b *testing.B) {
	files := manyMigrations()
	for b.Loop() {
		s := replay.Replay(files, replay.Options{Owner: "owner"})
		if len(s.Skipped) > 0 || len(s.Relations) != 1000 {
			b.Fatalf("%d relations, skipped: %v", len(s.Relations), s.Skipped[:min(3, len(s.Skipped))])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/10000-statements")
}
