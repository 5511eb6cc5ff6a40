package classify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestTenantSchemas(t *testing.T) {
	tests := map[string]struct {
		model  tenancy.Model
		tables []string
		want   []string
	}{
		"two alike":                     {tables: []string{"acme.a", "acme.b", "best.a", "best.b"}, want: []string{"acme", "best"}},
		"two with one table":            {tables: []string{"audit.event", "billing.event"}},
		"two with one table, by a name": {tables: []string{"tenant_a.event", "tenant_b.event"}, want: []string{"tenant_a", "tenant_b"}},
		"two with one table, by number": {tables: []string{"t1.event", "t2.event"}, want: []string{"t1", "t2"}},
		"one lacks a table": {
			tables: []string{"acme.a", "acme.b", "best.a", "best.b", "core.a"},
			want:   []string{"acme", "best", "core"},
		},
		"one is something else": {
			tables: []string{"acme.a", "acme.b", "best.a", "best.b", "river.job", "public.a"},
			want:   []string{"acme", "best"},
		},
		"all differ": {tables: []string{"billing.invoice", "crm.contact"}},
		"only one":   {tables: []string{"acme.a"}},
		"not the pattern": {
			model:  tenancy.Model{Pattern: tenancy.DatabasePerTenant},
			tables: []string{"acme.a", "best.a"},
		},
		"the pattern, no two alike": {
			model:  tenancy.Model{Pattern: tenancy.SchemaPerTenant},
			tables: []string{"acme.a", "acme.b", "best.a", "river.job"},
			want:   []string{"acme", "best"},
		},
		"the pattern": {
			model:  tenancy.Model{Pattern: tenancy.SchemaPerTenant},
			tables: []string{"acme.a", "best.a"},
			want:   []string{"acme", "best"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := pgschema.New()
			for _, n := range tt.tables {
				namespace, table, _ := strings.Cut(n, ".")
				name := pgschema.Name{Schema: namespace, Name: table}
				s.Relations[name] = &pgschema.Relation{Name: name, Kind: pgschema.Table}
			}
			if tt.model.Pattern == "" {
				tt.model.Inferred = []string{"pattern"}
			}
			assert.Equal(t, tt.want, classify.Of(s, &tt.model).TenantSchemas(s, &tt.model))
		})
	}
}
