package classify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestApart(t *testing.T) {
	for name, c := range map[string]struct {
		model  tenancy.Model
		tables []string
		want   []string
	}{
		"shared":                      {tenancy.Model{Pattern: tenancy.SharedSchema}, []string{"public.a", "acme.b", "best.b"}, nil},
		"hybrid":                      {tenancy.Model{Pattern: tenancy.Hybrid}, []string{"public.a"}, nil},
		"a database each":             {tenancy.Model{Pattern: tenancy.DatabasePerTenant}, []string{"public.a", "billing.b"}, []string{"billing.b", "public.a"}},
		"a schema each":               {tenancy.Model{Pattern: tenancy.SchemaPerTenant}, []string{"public.a", "acme.b", "best.b"}, []string{"acme.b", "best.b"}},
		"the schema of whichever one": {tenancy.Model{Pattern: tenancy.SchemaPerTenant}, []string{"public.a", "public.b"}, []string{"public.a", "public.b"}},
		"not said":                    {tenancy.Model{Inferred: []string{"pattern"}}, []string{"public.a", "acme.b", "acme.c", "best.b", "best.c"}, []string{"acme.b", "acme.c", "best.b", "best.c"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := pgschema.New()
			for _, n := range c.tables {
				schema, table, _ := strings.Cut(n, ".")
				s.Relations[pgschema.Name{Schema: schema, Name: table}] = &pgschema.Relation{Name: pgschema.Name{Schema: schema, Name: table}, Kind: pgschema.Table}
			}
			var got []string
			for _, table := range classify.Of(s, &c.model).Apart(s, &c.model) {
				got = append(got, table.Relation.Name.String())
			}
			assert.Equal(t, c.want, got)
		})
	}
}
