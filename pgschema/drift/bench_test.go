package drift_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/drift"
)

// BenchmarkCompare compares 1,000 schemas of 20 tables: all the same but one, and no two the same.
func BenchmarkCompare(b *testing.B) {
	for name, differ := range map[string]func(i int) bool{
		"one odd":    func(i int) bool { return i == 500 },
		"all differ": func(int) bool { return true },
	} {
		b.Run(name, func(b *testing.B) {
			s := pgschema.New()
			var names []string
			for i := range 1000 {
				schema := fmt.Sprintf("tenant_%d", i)
				names = append(names, schema)
				for n := range 20 {
					name := pgschema.Name{Schema: schema, Name: fmt.Sprintf("t%d", n)}
					r := &pgschema.Relation{Name: name, Kind: pgschema.Table, Owner: schema + "_owner"}
					for c := range 10 {
						r.Columns = append(r.Columns, &pgschema.Column{Name: fmt.Sprintf("c%d", c), Type: "text", Default: &pgschema.Expr{Text: schema + ".f()"}})
					}
					s.Relations[name] = r
				}
				if differ(i) {
					s.Relations[pgschema.Name{Schema: schema, Name: "t7"}].Columns[3].Type = fmt.Sprintf("character varying(%d)", i+1)
				}
			}
			for b.Loop() {
				require.NotEmpty(b, drift.Schemas(s, names, "").Compare())
			}
		})
	}
}
