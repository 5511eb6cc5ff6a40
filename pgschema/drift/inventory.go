package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// Schemas makes a set of schemas of one database, each named prefix + its name. Names of the schema
// itself inside its objects count as equal to those of the others.
func Schemas(db *pgschema.Schema, namespaces []string, prefix string) *Set {
	parts := byNamespace(db)
	set := &Set{Members: make([]Member, len(namespaces)), Inventories: map[string][]Item{}}
	var mu sync.Mutex
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			e := newExpressions(asPrinted)
			for i := w; i < len(namespaces); i += workers {
				name := namespaces[i]
				items := inventory(parts[name], names{own: name, expressions: e})
				digest := digestOf(items)
				set.Members[i] = Member{Name: prefix + name, Own: name, Digest: digest, Scale: OneSchema}
				mu.Lock()
				set.Inventories[digest] = items
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return set
}

// Database makes a set of one database, without some of its schemas. Own is the name that stands for
// the tenant in the names of its roles; it may be empty.
func Database(name, own string, db *pgschema.Schema, without []string) *Set {
	return database(name, db, without, names{roleOwn: own, expressions: newExpressions(asPrinted)})
}

// Source is Database for what migrations build, and for what it is compared with: owners, which files
// seldom say, are left out. Unless all are read from servers, exactly is false: an expression is then
// brought to a form in which it does not matter whether people or a server wrote it, at the price of casts.
func Source(name string, db *pgschema.Schema, exactly bool) *Set {
	n := names{unowned: true, expressions: newExpressions(asWritten)}
	if exactly {
		n.expressions = newExpressions(asPrinted)
	}
	return database(name, db, nil, n)
}

func database(name string, db *pgschema.Schema, without []string, n names) *Set {
	var items []Item
	for namespace, part := range byNamespace(db) {
		if slices.Contains(without, namespace) {
			continue
		}
		items = append(items, inventory(part, n)...)
	}
	if !n.unowned { // what surrounds the objects is in no migration
		l := &list{names: n, items: items}
		l.defaults("", slices.DeleteFunc(slices.Clone(db.DefaultPrivileges), func(d *pgschema.DefaultPrivilege) bool { return d.Schema != "" }))
		l.settings(db.SettingDefaults)
		items = l.items
	}
	slices.SortFunc(items, func(a, b Item) int { return a.compare(b.Object) })
	digest := digestOf(items)
	return &Set{
		Members:     []Member{{Name: name, Own: n.roleOwn, Digest: digest, Scale: OneDatabase}},
		Inventories: map[string][]Item{digest: items},
	}
}

// part is what a database holds in one schema.
type part struct {
	namespace *pgschema.Namespace
	relations []*pgschema.Relation
	functions []*pgschema.Function
	types     []*pgschema.Type
	defaults  []*pgschema.DefaultPrivilege
}

// byNamespace sorts the objects of a database by schema. What belongs to an extension or a tool is left out.
func byNamespace(db *pgschema.Schema) map[string]*part {
	parts := map[string]*part{}
	in := func(namespace string) *part {
		if parts[namespace] == nil {
			parts[namespace] = &part{namespace: db.Namespaces[namespace]}
		}
		return parts[namespace]
	}
	for name := range db.Namespaces {
		in(name)
	}
	for _, r := range db.Relations {
		if !r.Temporary && !classify.OfTool(r) {
			p := in(r.Schema)
			p.relations = append(p.relations, r)
		}
	}
	for _, f := range db.Functions {
		if f.Extension == "" {
			p := in(f.Schema)
			p.functions = append(p.functions, f)
		}
	}
	for _, d := range db.DefaultPrivileges {
		if p := parts[d.Schema]; p != nil {
			p.defaults = append(p.defaults, d)
		}
	}
	for _, t := range db.Types {
		p := in(t.Schema)
		p.types = append(p.types, t)
	}
	return parts
}

// inventory lists the objects of one schema in order.
func inventory(p *part, n names) []Item {
	if p == nil {
		return nil
	}
	if n.own != "" {
		n.ambiguous(p)
	}
	l := &list{names: n}
	if p.namespace != nil && p.namespace.Name != n.own && p.namespace.Name != "atlas_schema_revisions" {
		l.add(kindSchema, "", p.namespace.Name)
	}
	if p.namespace != nil {
		l.grants(n.schema(p.namespace.Name), p.namespace.Grants)
	}
	for _, r := range p.relations {
		l.relation(r)
	}
	for _, f := range p.functions {
		l.function(f)
	}
	for _, t := range p.types {
		l.typ(t)
	}
	if p.namespace != nil && !n.unowned {
		l.defaults(p.namespace.Name, p.defaults)
	}
	slices.SortFunc(l.items, func(a, b Item) int { return a.compare(b.Object) })
	return l.items
}

// list collects items.
type list struct {
	names
	items []Item
}

func (l *list) add(kind, relation, name string, definition ...string) {
	l.items = append(l.items, Item{Object{kind, relation, name}, definition})
}

// digestOf identifies an inventory.
func digestOf(items []Item) string {
	sum := sha256.New()
	var b strings.Builder
	for _, i := range items {
		b.Reset()
		for _, text := range []string{i.Kind, i.Relation, i.Name} {
			b.WriteString(text)
			b.WriteByte(0)
		}
		for _, line := range i.Definition {
			b.WriteString(line)
			b.WriteByte(1)
		}
		_, _ = io.WriteString(sum, b.String()) // a hash never fails to write
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
