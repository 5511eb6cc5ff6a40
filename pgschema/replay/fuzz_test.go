package replay_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// FuzzReplay looks for panics, hangs and schemas that contradict themselves. Its input is a text and
// an order in which the statements of all fixtures follow, most of them where they make no sense.
func FuzzReplay(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*.sql")
	if err != nil {
		f.Fatal(err)
	}
	var statements []string
	for _, file := range fixtures {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var order []byte
		parsed, _ := pgast.Parse(pgast.NewSource(file, string(text)))
		for _, stmt := range parsed {
			order = binary.BigEndian.AppendUint16(order, uint16(len(statements)))
			statements = append(statements, stmt.Text())
		}
		f.Add("-- +goose Up\nCREATE TABLE t (id int);\n-- +goose Down\nDROP TABLE t;", order)
	}
	f.Fuzz(func(t *testing.T, text string, order []byte) {
		var b strings.Builder
		for ; len(order) >= 2; order = order[2:] {
			b.WriteString(statements[int(binary.BigEndian.Uint16(order))%len(statements)] + ";\n")
		}
		s := replay.Replay([]replay.File{{Name: "1.sql", Text: text}, {Name: "2.sql", Text: b.String()}}, replay.Options{Owner: "owner"})
		for name, rel := range s.Relations {
			if rel.Name != name {
				t.Errorf("%s is kept under %s", rel.Name, name)
			}
			check(t, s, rel)
		}
	})
}

// check reports what cannot be so in a relation.
func check(t *testing.T, s *pgschema.Schema, rel *pgschema.Relation) {
	if rel.PartitionOf != nil && s.Relations[*rel.PartitionOf] == nil {
		t.Errorf("%s is a partition of %s, which does not exist", rel.Name, rel.PartitionOf)
	}
	for _, con := range rel.Constraints {
		for _, c := range con.Columns {
			if rel.Column(c) == nil && c != "ctid" && c != "tableoid" && c != "xmin" && c != "xmax" && c != "cmin" && c != "cmax" {
				t.Errorf("constraint %s of %s names the missing column %q", con.Name, rel.Name, c)
			}
		}
	}
	for _, idx := range rel.Indexes {
		for i, c := range idx.Columns {
			if c == "" && idx.Exprs[i] == nil {
				t.Errorf("index %s of %s has no expression %d", idx.Name, rel.Name, i)
			}
		}
	}
}
