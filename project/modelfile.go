package project

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// ModelFile returns the text of a .tenantvet.yml for the project: everything that the file, the
// command line or the inference says, with comments, and the unclassified tables as proposals. Of
// several databases it describes the main one, the one with the most tenant tables.
func (p *Project) ModelFile() []byte {
	var unclassified []string
	for _, db := range p.Databases {
		if db.Model != p.Model {
			continue
		}
		for _, t := range db.listed(classify.Unclassified) {
			unclassified = append(unclassified, db.shortName(t))
		}
	}
	return tenancy.Write(p.Model, unclassified)
}

// TableList lists the tables of a database by class, a line each, with what makes them so.
func (db *Database) TableList() string {
	var b strings.Builder
	section := func(class classify.Class, title string, detail func(*classify.Table) string) {
		tables := db.listed(class)
		if len(tables) == 0 {
			return
		}
		fmt.Fprintf(&b, "%s (%d)\n", title, len(tables))
		for _, t := range tables {
			fmt.Fprintf(&b, "  %s: %s\n", db.shortName(t), detail(t))
		}
	}
	reason := func(t *classify.Table) string { return t.Reason }
	section(classify.Registry, "tenant registry", func(t *classify.Table) string { return "key " + t.Column })
	section(classify.Tenant, "tenant", func(t *classify.Table) string { return t.Column })
	section(classify.Child, "child", func(t *classify.Table) string {
		return fmt.Sprintf("of %s by %s", db.shortName(t.Parent), strings.Join(t.Via.Columns, ", "))
	})
	section(classify.Shared, "shared", reason)
	section(classify.Unclassified, "unclassified", reason)
	return b.String()
}

// listed returns the tables of a class without partitions, which are part of their table, and without
// temporary tables, which end with the migration.
func (db *Database) listed(class classify.Class) []*classify.Table {
	var tables []*classify.Table
	for _, t := range db.Classes.Tables() {
		if t.Class == class && t.Relation.PartitionOf == nil && !t.Relation.Temporary {
			tables = append(tables, t)
		}
	}
	return tables
}

// shortName leaves the schema out where the search path finds the table without it.
func (db *Database) shortName(t *classify.Table) string {
	if db.Schema.Lookup("", t.Relation.Name.Name) == t.Relation {
		return t.Relation.Name.Name
	}
	return t.Relation.Name.String()
}
