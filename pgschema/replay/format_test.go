package replay

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/tenancy"
)

func TestUpPart(t *testing.T) {
	tests := []struct {
		name, file string
		format     tenancy.Format
		text       string
		tables     string // the tables that the up part makes
		notes      int
	}{
		{"goose", "1.sql", "", "CREATE TABLE z();\n-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a();\n-- +goose StatementEnd\n--+goose down\nCREATE TABLE b();\n", "public.a", 0},
		{"goose, down first", "1.sql", "", "-- +goose Down\nCREATE TABLE b();\n-- +goose Up\nCREATE TABLE a();", "public.a", 0},
		{"goose, only down", "1.sql", "", "-- +goose Down\nCREATE TABLE b();\n", "", 0},
		{"goose, no marker", "1.sql", tenancy.Goose, "CREATE TABLE b();\n", "", 1},
		{"sql-migrate", "1.sql", "", "-- +migrate Up notransaction\nCREATE TABLE a();\n-- +migrate Down\nCREATE TABLE b();", "public.a", 0},
		{"dbmate", "1.sql", "", "-- migrate:up transaction:false\nCREATE TABLE a();\n-- migrate:down\nCREATE TABLE b();", "public.a", 0},
		{"golang-migrate up", "1_x.up.sql", "", "CREATE TABLE a();", "public.a", 0},
		{"golang-migrate down", "1_x.down.sql", "", "CREATE TABLE a();", "", 0},
		{"flyway", "V1_2__x.sql", "", "CREATE TABLE a();", "public.a", 0},
		{"flyway undo", "db/U1_2__x.sql", "", "CREATE TABLE a();", "", 0},
		{"tern", "001.sql", "", "CREATE TABLE a();\n---- create above / drop below ----\nCREATE TABLE b();", "public.a", 0},
		{"atlas", "1.sql", tenancy.Atlas, "-- atlas:txmode none\nCREATE TABLE a();", "public.a", 0},
		{"atlas archive", "1.sql", "", "-- atlas:txtar\n-- checks.sql --\nCREATE TABLE c();\n-- migration.sql --\nCREATE TABLE a();\n-- down.sql --\nCREATE TABLE b();\n", "public.a", 0},
		{"plain", "schema.sql", "", "\ufeffCREATE TABLE a();\r\nCREATE TABLE b();", "public.a public.b", 0},
		{"rows of COPY", "dump.sql", "", "\\restrict x'\nCREATE TABLE a();\nCOPY public.a (x) FROM stdin;\n1\tit's; \\N\nCREATE TABLE no();\n\\.\nCREATE TABLE b();", "public.a public.b", 0},
		{"connect", "dump.sql", "", "CREATE TABLE a();\n\\connect other\nCREATE TABLE b();", "public.a public.b", 1},
		{"backslash in a string", "1.sql", "", "CREATE TABLE a(x text DEFAULT '\\connect',\ny text DEFAULT $$\n\\i x\n$$);", "public.a", 0},
		{"gexec", "1.sql", "", "SELECT 'DROP TABLE a' \\gexec\nCREATE TABLE a();", "public.a", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := File{Name: tt.file, Text: tt.text, Format: tt.format}
			b := upPart(file)
			up, notes := b.result(), b.notes
			assert.Len(t, up, len(tt.text))
			assert.Equal(t, strings.Count(tt.text, "\n"), strings.Count(up, "\n"))
			assert.Len(t, notes, tt.notes)
			s := Replay([]File{file}, Options{})
			tables := []string{}
			for _, rel := range s.Sorted() {
				tables = append(tables, rel.Name.String())
			}
			assert.Equal(t, strings.Fields(tt.tables), tables)
			assert.Len(t, s.Skipped, tt.notes)
		})
	}
}
