package sqlcheck

import (
	"strings"
	"sync"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// index keeps what statements ask of the whole schema, so that a thousand views on a thousand tables take no
// million steps.
type index struct {
	functions map[string][]*pgschema.Function // by name without schema
	tables    map[*pgschema.Relation]string   // those that rows may be named after, with their folded names

	mutex sync.Mutex
	named map[[2]string]*pgschema.Relation // by the stem and last word of a column
}

// Under returns the same database with other policies.
func (db *Database) Under(policies func(reader, user Principal, r *pgschema.Relation, command Command) (Policies, bool)) *Database {
	under := &Database{Schema: db.Schema, Classes: db.Classes, Model: db.Model, Policies: policies}
	under.index.Store(db.indexed())
	return under
}

func (db *Database) indexed() *index {
	if x := db.index.Load(); x != nil {
		return x
	}
	x := &index{functions: map[string][]*pgschema.Function{}, tables: map[*pgschema.Relation]string{}, named: map[[2]string]*pgschema.Relation{}}
	for _, f := range db.Schema.Functions {
		x.functions[f.Name.Name] = append(x.functions[f.Name.Name], f)
	}
	for _, r := range db.Schema.Relations {
		if r.IsTable() && r.PartitionOf == nil {
			x.tables[r] = strings.TrimSuffix(tenancy.Fold(r.Name.Name), "s")
		}
	}
	db.index.CompareAndSwap(nil, x)
	return db.index.Load()
}

// namedAfter returns the table of which a column with the given stem and last word names a row, or nil.
func (x *index) namedAfter(stem, last string) *pgschema.Relation {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	key := [2]string{stem, last}
	if found, known := x.named[key]; known {
		return found
	}
	var found, exact *pgschema.Relation
	for r, name := range x.tables {
		if name == stem && (exact == nil || shorter(r, exact)) {
			exact = r
		}
		if strings.HasSuffix(name, last) && (found == nil || shorter(r, found)) {
			found = r
		}
	}
	if exact != nil {
		found = exact
	}
	x.named[key] = found
	return found
}
