package project

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// defaultPG is the major version that a schema is judged for when nothing says which.
const defaultPG = 16

// infer completes a model with what a schema says: everything that the file and the command line
// left out.
func infer(given *tenancy.Model, s *pgschema.Schema, texts map[string]string, files []string) *tenancy.Model {
	m := *given
	if m.IsInferred("pattern") {
		m.Pattern = tenancy.SharedSchema
	}
	if m.IsInferred("tenant.columns") {
		m.Columns = comparedColumns(s, &m)
		if len(m.Columns) == 0 {
			m.Columns = tenantColumns(s)
		}
		if len(m.Columns) == 0 && !m.IsInferred("tenant.settings") {
			m.Columns = onlyColumn(s)
		}
	}
	if m.IsInferred("tenant.type") {
		m.ColumnType = columnType(s, &m)
	}
	if m.IsInferred("tenant.registry") {
		if r := classify.FindRegistry(s, &m); r != nil && len(m.Columns) > 0 {
			m.Registry = r.Name.Name
			if s.Lookup("", m.Registry) != r {
				m.Registry = r.Name.String()
			}
		}
	}
	if m.IsInferred("tenant.settings") {
		m.Settings = settings(s, &m)
	}
	tables := tenantTables(s, &m)
	if m.IsInferred("roles.owner") {
		m.Roles.Owner = owners(tables)
	}
	if m.IsInferred("roles.app") {
		m.Roles.App = appRoles(s, tables, m.Roles.Owner)
	}
	if m.IsInferred("enforcement") {
		m.Enforcement = tenancy.EnforcePredicate
		if slices.ContainsFunc(tables, func(r *pgschema.Relation) bool { return r.RowSecurity }) {
			m.Enforcement = tenancy.EnforceRLS
		}
	}
	if m.IsInferred("pg_version") {
		m.PGVersion = dumpedVersion(texts, files)
	}
	return &m
}

// tenantTables returns the tables with a tenant column.
func tenantTables(s *pgschema.Schema, m *tenancy.Model) []*pgschema.Relation {
	return slices.DeleteFunc(s.Sorted(), func(r *pgschema.Relation) bool {
		return !r.IsTable() || !slices.ContainsFunc(r.Columns, func(c *pgschema.Column) bool { return m.IsTenantColumn(c.Name) })
	})
}

// columnType returns the type that most tenant columns have.
func columnType(s *pgschema.Schema, m *tenancy.Model) string {
	votes := map[string]int{}
	for _, r := range tenantTables(s, m) {
		for _, c := range r.Columns {
			if len(m.Columns) > 0 && tenancy.SameName(c.Name, m.Columns[0]) {
				votes[c.Type]++
			}
		}
	}
	return mostVotes(votes)
}

// mostVotes returns the key with the highest count, the first in order among equals.
func mostVotes(votes map[string]int) string {
	best := ""
	for _, key := range slices.Sorted(maps.Keys(votes)) {
		if best == "" || votes[key] > votes[best] {
			best = key
		}
	}
	return best
}

// owners returns the role that owns all tenant tables with a known owner, if it is one.
func owners(tables []*pgschema.Relation) []string {
	names := map[string]bool{}
	for _, r := range tables {
		if r.Owner != "" {
			names[r.Owner] = true
		}
	}
	if len(names) != 1 {
		return nil
	}
	return slices.Collect(maps.Keys(names))
}

// appRoles returns the role that may write tenant tables and is bound by row-level security, if it
// is one.
func appRoles(s *pgschema.Schema, tables []*pgschema.Relation, owners []string) []string {
	names := map[string]bool{}
	for _, r := range tables {
		for _, g := range r.Grants {
			role := s.Roles[g.Grantee]
			bypasses := role != nil && (role.Superuser || role.BypassRLS)
			writes := g.Privilege == "insert" || g.Privilege == "update" || g.Privilege == "delete"
			if writes && g.Grantee != "public" && !bypasses && !slices.Contains(owners, g.Grantee) {
				names[g.Grantee] = true
			}
		}
	}
	if len(names) != 1 {
		return nil
	}
	return slices.Collect(maps.Keys(names))
}

var dumpVersion = regexp.MustCompile(`(?m)^-- Dumped from database version ([0-9]+)`)

// dumpedVersion returns the major version of the server that the last pg_dump among the files came
// from, or the default.
func dumpedVersion(texts map[string]string, files []string) int {
	const head = 1000 // pg_dump says it in its first lines
	for _, file := range slices.Backward(files) {
		text := texts[file]
		if m := dumpVersion.FindStringSubmatch(text[:min(len(text), head)]); m != nil {
			if major, err := strconv.Atoi(m[1]); err == nil && major >= tenancy.OldestPG && major <= tenancy.NewestPG {
				return major
			}
		}
	}
	return defaultPG
}

// concept is what a tenant may be called.
type concept struct {
	name string
	// columns are the folded names of its columns.
	columns []string
	// share is the smallest part of all tables, in percent, that must carry the column: names that
	// also mean other things need more.
	share int
}

// concepts are in order of preference.
var concepts = []concept{
	{"tenant", []string{"tenantid", "tenantuuid", "tenant"}, 0},
	{"organization", []string{"organizationid", "organisationid", "orgid", "organizationuuid", "organisationuuid", "orguuid"}, 0},
	{"workspace", []string{"workspaceid", "workspaceuuid"}, 0},
	{"network", []string{"nid"}, 20},
	{"account", []string{"accountid", "accountuuid"}, 20},
	{"project", []string{"projectid", "projectuuid"}, 20},
	{"company", []string{"companyid", "companyuuid"}, 20},
	{"team", []string{"teamid", "teamuuid"}, 20},
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

// qualifies reports whether the tables are enough to speak of tenants: two, or one beside a registry.
func (c carriers) qualifies(concept concept) bool {
	return (c.tables >= 2 || c.tables == 1 && c.registry) && c.tables*100 >= c.all*concept.share
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
