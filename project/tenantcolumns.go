package project

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// concept is what a tenant may be called.
type concept struct {
	// columns are the folded names of its columns.
	columns []string
	// share is the smallest part of all tables, in percent, that must carry the column: names that
	// also mean other things need more.
	share int
}

// concepts are in order of preference.
var concepts = []concept{
	{[]string{"tenantid", "tenantuuid", "tenant"}, 0},
	{[]string{"organizationid", "organisationid", "orgid", "organizationuuid", "organisationuuid", "orguuid"}, 0},
	{[]string{"workspaceid", "workspaceuuid"}, 0},
	{[]string{"nid"}, 20},
	{[]string{"accountid", "accountuuid"}, 20},
	{[]string{"projectid", "projectuuid"}, 20},
	{[]string{"companyid", "companyuuid"}, 20},
	{[]string{"teamid", "teamuuid"}, 20},
}

// nearTie is the part of the highest count, in percent, at which a column named after the tenant
// itself is preferred.
const nearTie = 70

// tenantColumns returns the names of the tenant column as the schema spells them, most frequent
// first, followed by those of the enclosing concept: where the tenants are projects of
// organizations, tables without a project belong to an organization.
func tenantColumns(s *pgschema.Schema) []string {
	best, most := -1, 0
	found := make([]carriers, len(concepts))
	for i, c := range concepts {
		found[i] = carriersOf(s, c.columns)
		if found[i].qualifies(c) && (found[i].tables > most) {
			best, most = i, found[i].tables
		}
	}
	if best < 0 {
		return nil
	}
	if found[0].qualifies(concepts[0]) && found[0].tables*100 >= most*nearTie {
		best = 0
	}
	columns := found[best].spellings()
	registry := classify.FindRegistry(s, &tenancy.Model{Columns: columns})
	if registry == nil {
		return columns
	}
	for i := range concepts {
		if i != best && found[i].tables > 1 && carriedBy(registry, concepts[i].columns) {
			return append(columns, found[i].spellings()...)
		}
	}
	return columns
}

// carriers counts the tables that carry a concept's column.
type carriers struct {
	tables, all int
	votes       map[string]int
	registry    bool
}

// qualifies reports whether the tables are enough to speak of tenants: two, or one beside a registry, or where a name
// that means nothing else is in half of a small schema.
func (c carriers) qualifies(concept concept) bool {
	half := c.tables == 1 && c.all <= 2 && concept.share == 0
	return (c.tables >= 2 || c.tables == 1 && c.registry || half) && c.tables*100 >= c.all*concept.share
}

// spellings returns the column's names, most frequent first.
func (c carriers) spellings() []string {
	return slices.SortedFunc(maps.Keys(c.votes), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.votes[b], c.votes[a]), cmp.Compare(a, b))
	})
}

func carriersOf(s *pgschema.Schema, columns []string) carriers {
	found := carriers{votes: map[string]int{}}
	for _, r := range s.Sorted() {
		if !r.IsTable() || r.PartitionOf != nil || r.Extension != "" || r.Temporary {
			continue
		}
		found.all++
		carries := false
		for _, c := range r.Columns {
			if slices.Contains(columns, tenancy.Fold(c.Name)) && isKeyType(c.Type) {
				carries = true
				found.votes[c.Name]++
			}
		}
		if carries {
			found.tables++
		}
	}
	found.registry = len(found.votes) > 0 && classify.FindRegistry(s, &tenancy.Model{Columns: found.spellings()}) != nil
	return found
}

// carriedBy reports whether every row of a table has a value in one of the columns.
func carriedBy(r *pgschema.Relation, columns []string) bool {
	return slices.ContainsFunc(r.Columns, func(c *pgschema.Column) bool {
		return c.NotNull && slices.Contains(columns, tenancy.Fold(c.Name))
	})
}

// isKeyType reports whether a column can hold an id.
func isKeyType(sqlType string) bool {
	for _, other := range []string{"boolean", "json", "timestamp", "date", "numeric", "double", "real", "[]"} {
		if strings.HasPrefix(sqlType, other) || strings.HasSuffix(sqlType, other) {
			return false
		}
	}
	return true
}
