package tenancy

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/tenantvet/tenantvet/finding"
)

// Major versions of PostgreSQL that a model may name.
const (
	OldestPG = 10
	NewestPG = 19
)

var formats = []Format{Goose, GolangMigrate, SQLMigrate, Dbmate, Atlas, Flyway, Tern, Plain, Sqlc, PgDump}

// model reads the whole file.
func (d *decoder) model(m *Model, n ast.Node) {
	given := d.mapping(n,
		field{"pattern", enum(d, &m.Pattern, SharedSchema, SchemaPerTenant, DatabasePerTenant, Hybrid)},
		field{"tenant", func(n ast.Node) { d.tenant(m, n) }},
		field{"roles", func(n ast.Node) { d.roles(m, n) }},
		field{"shared", func(n ast.Node) { d.shared(m, n) }},
		field{"enforcement", enum(d, &m.Enforcement, EnforceRLS, EnforcePredicate, EnforceBoth)},
		field{"migrations", func(n ast.Node) { d.sources(m.Root, &m.Migrations, n) }},
		field{"queries", func(n ast.Node) { d.sources(m.Root, &m.Queries, n) }},
		field{"go", func(n ast.Node) { d.goNames(&m.Go, n) }},
		field{"pg_version", d.version(&m.PGVersion)},
	)
	m.given("", given)
}

// given records which keys of a mapping have a value, and where.
func (m *Model) given(prefix string, keys map[string]finding.Position) {
	for key, at := range keys {
		m.Given(prefix + key)
		m.at[prefix+key] = at
	}
}

func (d *decoder) tenant(m *Model, n ast.Node) {
	m.given("tenant.", d.mapping(n,
		field{"columns", d.strings(&m.Columns)},
		field{"type", d.string(&m.ColumnType)},
		field{"settings", d.strings(&m.Settings)},
		field{"registry", d.string(&m.Registry)},
	))
}

func (d *decoder) roles(m *Model, n ast.Node) {
	r := &m.Roles
	m.given("roles.", d.mapping(n,
		field{"app", d.strings(&r.App)},
		field{"owner", d.strings(&r.Owner)},
		field{"analytics", d.strings(&r.Analytics)},
		field{"auditor", d.strings(&r.Auditor)},
	))
}

func (d *decoder) shared(m *Model, n ast.Node) {
	d.list(n, func(item ast.Node) {
		t := SharedTable{At: d.at(item)}
		d.mapping(item, field{"table", d.string(&t.Name)}, field{"reason", d.string(&t.Reason)})
		switch {
		case t.Name == "":
			d.missing(item, "table", "the name of the table")
		case t.Reason == "":
			d.missing(item, "reason", "why "+t.Name+" belongs to no tenant")
		default:
			if at := m.sharedAt(t.Name); at != nil {
				d.errorf(item, "table %q is declared shared twice, first in line %d", t.Name, at.At.Line)
				return
			}
			m.Shared = append(m.Shared, t)
		}
	})
}

// sharedAt returns the declaration of that very name.
func (m *Model) sharedAt(name string) *SharedTable {
	for i := range m.Shared {
		if m.Shared[i].Name == name {
			return &m.Shared[i]
		}
	}
	return nil
}

// missing reports a mandatory key, unless the item has an error of its own that explains it.
func (d *decoder) missing(item ast.Node, key, what string) {
	at := d.at(item)
	for _, e := range d.errs {
		if e.Position.Compare(at) >= 0 {
			return
		}
	}
	d.errorf(item, "missing key %q: say %s", key, what)
}

// sources reads a list of paths; an item is a path, or a mapping of path and format.
func (d *decoder) sources(root string, to *[]Source, n ast.Node) {
	*to = []Source{}
	d.list(n, func(item ast.Node) {
		s := Source{At: d.at(item)}
		where := item
		path := func(n ast.Node) { where, s.At = n, d.at(n); d.string(&s.Glob)(n) }
		if _, ok := text(item); ok {
			path(item)
		} else {
			d.mapping(item, field{"path", path}, field{"format", enum(d, &s.Format, formats...)})
			if s.Glob == "" {
				d.missing(item, "path", "which SQL files to read")
			}
		}
		if s.Glob == "" {
			return
		}
		files, err := Expand(root, s.Glob)
		if err != nil {
			d.errorf(where, "%s", err)
			return
		}
		s.Files = files
		*to = append(*to, s)
	})
}

func (d *decoder) goNames(g *Go, n ast.Node) {
	d.mapping(n,
		field{"types", d.strings(&g.Types)},
		field{"variables", d.strings(&g.Variables)},
		field{"accessors", d.strings(&g.Accessors)},
		field{"scopers", d.strings(&g.Scopers)},
		field{"cross_tenant", func(n ast.Node) { d.crossTenant(g, n) }},
		field{"tests", d.bool(&g.Tests)},
	)
}

func (d *decoder) crossTenant(g *Go, n ast.Node) {
	d.list(n, func(item ast.Node) {
		c := CrossTenant{At: d.at(item)}
		d.mapping(item, field{"name", d.string(&c.Name)}, field{"reason", d.string(&c.Reason)})
		switch {
		case c.Name == "":
			d.missing(item, "name", "which function or package reads across tenants")
		case c.Reason == "":
			d.missing(item, "reason", "why "+c.Name+" reads across tenants")
		default:
			g.CrossTenant = append(g.CrossTenant, c)
		}
	})
}
