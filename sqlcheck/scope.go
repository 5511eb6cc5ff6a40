package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// scope is what names mean at a place: the relations of a query level, then those of the levels
// around it (PostgreSQL manual, 4.2.1 and 7.2.1.3).
type scope struct {
	parent *scope
	// items are the relations that qualified names reach.
	items []*instance
	// segments hold the columns that unqualified names and * reach, in order.
	segments []segment
	with     *with
	// arguments are the values of a function's parameters, in the body of a function.
	arguments *arguments
	// rights are set where they differ from those of the query around.
	rights *rights
	// at says where a node of the text this scope belongs to stands; nil for the statement itself.
	at func(location int32) finding.Position
}

// segment is a run of columns: those of an instance but the hidden ones, or one merged by USING.
type segment struct {
	inst   *instance
	hidden []string
	merged *outColumn
}

// operand is an expression in the scope it is written in.
type operand struct {
	node  *pgast.Node
	scope *scope
}

// arguments are the parameters of a function, by position and by name.
type arguments struct {
	names  []string
	values []operand
}

// inner opens a scope for a query level inside this one.
func (s *scope) inner() *scope { return &scope{parent: s, with: s.with, at: s.at} }

// rights are those with which a query reads tables, and those with which the functions it calls run. They
// differ in a view, whose owner does the one and whose caller the other (PostgreSQL manual, 41.5).
type rights struct{ reads, calls Principal }

// rightsOf returns the rights that a scope runs with.
func (s *scope) rightsOf() rights {
	for ; s != nil; s = s.parent {
		if s.rights != nil {
			return *s.rights
		}
	}
	return rights{}
}

// ofFunction returns the rights of a function that is called.
func (r rights) ofFunction(f *pgschema.Function) *rights {
	if f.SecurityDefiner {
		r.calls = Principal{Owner: true, Role: f.Owner}
	}
	return &rights{reads: r.calls, calls: r.calls}
}

// ofView returns the rights of a view that is read.
func (r rights) ofView(view *pgschema.Relation) *rights {
	r.reads = r.calls
	if !view.SecurityInvoker {
		r.reads = Principal{Owner: true, Role: view.Owner}
	}
	return &r
}

// args returns the parameters of the function whose body the scope is in.
func (s *scope) args() *arguments {
	for ; s != nil; s = s.parent {
		if s.arguments != nil {
			return s.arguments
		}
	}
	return nil
}

// resolved is the outcome of looking a name up.
type resolved struct {
	binding
	// row is set when the name is that of a relation: its whole row.
	row *instance
	// found is false for a name that nothing visible has, ambiguous for one that several have.
	found, ambiguous bool
}

// resolve looks a column name up, innermost level first.
func (e *engine) resolve(name []string, s *scope) resolved {
	for level := s; level != nil; level = level.parent {
		var r resolved
		if len(name) == 1 {
			r = e.unqualified(name[0], level)
		} else {
			r = e.qualified(name, level)
		}
		if r.found || r.ambiguous {
			return r
		}
	}
	if len(name) == 1 {
		for level := s; level != nil; level = level.parent {
			if i := level.item("", name[0]); i != nil {
				return resolved{row: i, found: true}
			}
		}
	}
	return resolved{}
}

func (e *engine) unqualified(name string, s *scope) resolved {
	var r resolved
	var open *instance
	for k := range s.segments {
		seg := &s.segments[k]
		if seg.merged != nil {
			if seg.merged.name == name {
				r = resolved{binding: seg.merged.binding, found: true, ambiguous: r.found}
			}
			continue
		}
		if slices.Contains(seg.hidden, name) {
			continue
		}
		if seg.inst.open && !seg.inst.declares(name) {
			open = seg.inst
			continue
		}
		if b, ok := e.find(seg.inst, name); ok {
			r = resolved{binding: b, found: true, ambiguous: r.found}
		}
	}
	if r.ambiguous {
		return resolved{ambiguous: true}
	}
	if !r.found && s.arguments != nil {
		if k := slices.Index(s.arguments.names, name); k >= 0 {
			return resolved{binding: binding{operand: s.arguments.values[k]}, found: true}
		}
	}
	// A relation whose columns are not known may have it: then nothing is known of the value.
	if !r.found && open != nil {
		return resolved{binding: binding{term: e.column(open, name)}, found: true}
	}
	return r
}

// declares reports whether the instance is known to have a column of the name.
func (i *instance) declares(name string) bool {
	return slices.ContainsFunc(i.columns, func(c outColumn) bool { return c.name == name }) ||
		i.columns == nil && i.rel != nil && i.rel.Column(name) != nil
}

func (e *engine) qualified(name []string, s *scope) resolved {
	schema, relation, column := "", name[len(name)-2], name[len(name)-1]
	if len(name) > 2 {
		schema = name[len(name)-3]
	}
	i := s.item(schema, relation)
	if i == nil {
		return resolved{}
	}
	if b, ok := e.find(i, column); ok {
		return resolved{binding: b, found: true}
	}
	// A system column such as ctid, or one that the schema does not know.
	return resolved{binding: binding{term: e.column(i, column)}, found: true}
}

// item finds a relation by the name that qualifies its columns.
func (s *scope) item(schema, name string) *instance {
	for _, i := range s.items {
		if i.alias == name && (schema == "" || i.schema == "" && i.rel != nil && i.rel.Schema == schema || i.schema == schema) {
			return i
		}
	}
	return nil
}

// enter makes an instance visible.
func (s *scope) enter(i *instance) {
	s.items = append(s.items, i)
	s.segments = append(s.segments, segment{inst: i})
}

// columnName returns the parts of a column reference; ok is false when it ends in *.
func columnName(ref *pgast.ColumnRef) (name []string, ok bool) {
	for _, f := range ref.GetFields() {
		if f.GetAStar() != nil {
			return name, false
		}
		name = append(name, f.GetString_().GetSval())
	}
	return name, true
}

// star lists the columns that * or relation.* stands for.
func (e *engine) star(name []string, s *scope) ([]outColumn, bool) {
	var columns []outColumn
	if len(name) > 0 {
		schema := ""
		if len(name) > 1 {
			schema = name[len(name)-2]
		}
		for level := s; level != nil; level = level.parent {
			if i := level.item(schema, name[len(name)-1]); i != nil {
				return e.allColumns(columns, i, nil), i.open
			}
		}
		return nil, true
	}
	open := false
	for _, seg := range s.segments {
		if seg.merged != nil {
			columns = append(columns, *seg.merged)
			continue
		}
		columns = e.allColumns(columns, seg.inst, seg.hidden)
		open = open || seg.inst.open
	}
	return columns, open
}

func (e *engine) allColumns(columns []outColumn, i *instance, hidden []string) []outColumn {
	for _, name := range i.names() {
		if !slices.Contains(hidden, name) {
			b, _ := e.find(i, name)
			columns = append(columns, outColumn{name, b})
		}
	}
	return columns
}
