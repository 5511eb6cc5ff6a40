package schemacheck

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// tenantNames are the names of single tenants that a schema tells, folded to lower case.
type tenantNames map[string]bool

// commonWords are names that a tenant may have too, and that say nothing in the name of a column.
var commonWords = map[string]bool{
	"default": true, "test": true, "demo": true, "public": true, "shared": true, "system": true, "admin": true, "internal": true,
	"main": true, "global": true, "example": true, "free": true, "pro": true, "enterprise": true, "basic": true, "other": true, "root": true,
}

// tenantNames collects names of tenants: of the schemas that tenants have of their own, of the values of list
// partitions by tenant, and of the rows that migrations put into the registry.
func (p *pass) tenantNames() tenantNames {
	names := tenantNames{}
	for word := range distinctive(p.tenantSchemas()) {
		names.add(word)
	}
	for t := range p.owned() {
		r := t.Relation
		if r.PartitionOf == nil {
			continue
		}
		parent := p.schema.Relations[*r.PartitionOf]
		if parent != nil && parent.PartitionStrategy == "list" && p.partitionedByTenant(t, parent) {
			for _, value := range quoted.FindAllStringSubmatch(r.PartitionBound, -1) {
				names.add(value[1])
			}
		}
	}
	p.registered(names)
	return names
}

// partitionedByTenant reports whether the tenant leads the partition key of a table.
func (p *pass) partitionedByTenant(t *classify.Table, r *pgschema.Relation) bool {
	return len(r.PartitionKey) > 0 && p.isTenantColumn(t, r.PartitionKey[0])
}

var quoted = regexp.MustCompile(`'([^']*)'`)

// registered adds the texts of rows that a migration puts into the tenant registry by INSERT … VALUES.
func (p *pass) registered(names tenantNames) {
	for _, e := range p.schema.Events {
		if t := p.classes.Get(p.schema.Relations[e.Object]); e.Kind != "InsertStmt" || t == nil || t.Class != classify.Registry {
			continue
		}
		for _, row := range e.Stmt.Node.GetInsertStmt().GetSelectStmt().GetSelectStmt().GetValuesLists() {
			for _, value := range row.GetList().GetItems() {
				names.add(constantOf(value).GetSval().GetSval())
			}
		}
	}
}

// name is what can be part of an identifier: neither a UUID nor a number nor a sentence.
var name = regexp.MustCompile(`^[a-z][a-z0-9]{2,}$`)

func (n tenantNames) add(text string) {
	if text = strings.ToLower(text); name.MatchString(text) && !commonWords[text] {
		n[text] = true
	}
}

func words(identifier string) []string { return strings.Split(strings.ToLower(identifier), "_") }

// in returns the tenant whose name is a word of an identifier of several, or "".
func (n tenantNames) in(identifier string) string {
	all := words(identifier)
	if i := slices.IndexFunc(all, func(word string) bool { return n[word] }); i >= 0 && len(all) > 1 {
		return all[i]
	}
	return ""
}

// without returns an identifier without the name of a tenant.
func (n tenantNames) without(identifier, tenant string) string {
	return strings.Join(without(words(identifier), tenant), "_")
}

// distinctive returns the words of which each is in the name of one schema alone, with that schema.
func distinctive(schemas []string) map[string]string {
	of := map[string]string{}
	for _, schema := range schemas {
		for _, word := range words(schema) {
			if other, ok := of[word]; ok && other != schema {
				of[word] = ""
				continue
			}
			of[word] = schema
		}
	}
	maps.DeleteFunc(of, func(_, schema string) bool { return schema == "" })
	return of
}
