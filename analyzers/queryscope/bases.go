package queryscope

import (
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// base is one database with what the analyzer asks of it.
type base struct {
	*sqlcheck.Database
	// tenant are the names of the tables that belong to a tenant.
	tenant map[string]bool
	// rls says that some table of it has row-level security.
	rls bool
}

// bases are the databases of one project. They are shared by all packages.
type bases struct {
	all []*base
	// blocks are the base names of the query files by the name of a block in them.
	blocks map[string][]string
}

var known sync.Map // *project.Project -> *bases

func newBases(p *project.Project) *bases {
	if b, ok := known.Load(p); ok {
		return b.(*bases)
	}
	out := &bases{blocks: map[string][]string{}}
	for _, db := range p.Databases {
		b := &base{Database: &sqlcheck.Database{Schema: db.Schema, Classes: db.Classes, Model: db.Model}, tenant: map[string]bool{}}
		for _, t := range db.Classes.Tables() {
			if t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry {
				b.tenant[t.Relation.Name.Name] = true
			}
			b.rls = b.rls || t.Relation.RowSecurity
		}
		out.all = append(out.all, b)
	}
	for _, q := range p.Queries {
		if q.Name != "" {
			out.blocks[q.Name] = append(out.blocks[q.Name], filepath.Base(q.Statement.Source.File))
		}
	}
	b, _ := known.LoadOrStore(p, out)
	return b.(*bases)
}

// tenants reports whether some database has a table that belongs to a tenant.
func (b *bases) tenants() bool {
	for _, db := range b.all {
		if len(db.tenant) > 0 {
			return true
		}
	}
	return false
}

// of returns the database that knows the most relations of a statement, nil when none knows any.
func (b *bases) of(stmt *pgast.Statement) *base {
	var best *base
	most := 0
	for _, db := range b.all {
		n := 0
		pgast.Walk(stmt.Node, func(node any) bool {
			if r, ok := node.(*pgast.RangeVar); ok && db.Schema.Lookup(r.Schemaname, r.Relname) != nil {
				n++
			}
			return true
		})
		if n > most {
			best, most = db, n
		}
	}
	return best
}

var word = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// mentions returns the name of a tenant table that stands in a text as a word, or "".
func (b *bases) mentions(text string) string {
	for _, w := range word.FindAllString(text, -1) {
		for _, db := range b.all {
			if db.tenant[w] || db.tenant[strings.ToLower(w)] {
				return w
			}
		}
	}
	return ""
}

// relies reports whether isolation in a database rests on row-level security alone.
func (b *base) relies() bool { return b.rls && b.Model.Enforcement == tenancy.EnforceRLS }

// wantsBoth reports whether each statement is to name the tenant and to run where it is set.
func (b *base) wantsBoth() bool { return b.rls && b.Model.Enforcement == tenancy.EnforceBoth }

var blockName = regexp.MustCompile(`(?m)^\s*--\s*name:\s*(\w+)`)

// block returns the name of the sqlc block that a text is, and whether a query file has it.
// Source is the query file that the generated file names, "" when it names none.
func (b *bases) block(text, source string) (name string, inFile bool) {
	m := blockName.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	for _, file := range b.blocks[m[1]] {
		if source == "" || file == source {
			return m[1], true
		}
	}
	return m[1], false
}
