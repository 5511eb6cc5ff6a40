package sqlflow

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
)

// gormEnds are the methods that run what a chain has collected. Create and Save write the row that they are given (see
// gormWrite).
var gormEnds = map[string]string{
	"Find": "SELECT", "First": "SELECT", "Take": "SELECT", "Last": "SELECT", "FirstOrInit": "SELECT", "FirstOrCreate": "SELECT",
	"Scan": "SELECT", "Row": "SELECT", "Rows": "SELECT", "Count": "SELECT", "Pluck": "SELECT", "FindInBatches": "SELECT",
	"Update": "UPDATE", "UpdateColumn": "UPDATE", "Updates": "UPDATE", "UpdateColumns": "UPDATE", "Delete": "DELETE",
}

// gormSink returns the statement that the end of a chain runs, or nil.
func (c *collector) gormSink(site callSite) *Call {
	states, call := c.gormEnded(site)
	for _, s := range states {
		call.Templates = union(call.Templates, within(site.fn, s.render()))
	}
	if len(states) == 0 {
		return nil
	}
	return call
}

// gormEnded returns the alternatives of what the end of a chain runs, and the call without its text; none for any
// other call.
func (c *collector) gormEnded(site callSite) ([]Statement, *Call) {
	name, db, args := gormMethod(site.instr)
	root, raw := gormRoot(db)
	if gormEnds[name] == "" || raw {
		return nil, nil
	}
	var ended []Statement
	for _, s := range c.gormStates(site, db) {
		s.Verb = gormEnds[name]
		if c.gormEnd(&s, name, args) {
			ended = append(ended, s)
		}
	}
	return ended, gormCall(site, root)
}

// gormStates returns the alternatives of the chain that a call ends, with a hole for what others have added to it.
func (c *collector) gormStates(site callSite, db ssa.Value) []Statement {
	c.steps, c.depth, c.near = 0, 0, site.instr.Pos()
	states := c.builder(db)
	if len(states) == 0 {
		return []Statement{{Suffix: concat(literal(" "), hole(codeCall, db))}}
	}
	for i, s := range states {
		if s.base != nil && (!c.isHandleParameter(s.base) || c.givenChains(s.base)) {
			states[i].Suffix = then(s.Suffix, concat(literal(" "), hole(codeParameter, s.base)))
		}
	}
	return states
}

// gormCall is a call of gorm without its text.
func gormCall(site callSite, root ssa.Value) *Call {
	return &Call{Fn: site.fn, Instr: site.instr, Chain: true, Handle: root, Kind: kindOf(root),
		Sink: models.Sink{Query: models.None, Context: models.None, Args: models.None, Handle: models.None}}
}

// within drops where text stands outside a function: a chain that others add to is told of where it runs.
func within(fn *ssa.Function, set []Template) []Template {
	if fn.Syntax() == nil {
		return set
	}
	return each(set, func(t Template) []Template {
		out := Template{Pieces: slices.Clone(t.Pieces)}
		for i, p := range out.Pieces {
			if slices.ContainsFunc(p.Places, func(at Place) bool { return at.Pos < fn.Syntax().Pos() || at.Pos > fn.Syntax().End() }) {
				out.Pieces[i].Places = nil
			}
		}
		return []Template{out}
	})
}

// gormEnd adds to a statement what the method says that runs it. It is false where nothing is left to judge: a row
// that the code holds already is judged where it was read, and gorm refuses to change all rows of a table.
func (r *resolver) gormEnd(s *Statement, name string, args []ssa.Value) bool {
	switch name {
	case "Count":
		s.Columns = literal("count(*)")
	case "Find", "First", "Take", "Last", "FirstOrInit", "FirstOrCreate", "Scan", "FindInBatches":
		s.Columns = readColumns(s.Columns)
		if s.Table == nil {
			s.Table = r.gormTable(args[0])
		}
		if row := s.row; name != "Scan" && name != "FindInBatches" {
			s.row = args[0]
			r.gormConditions(s, args[1])
			r.gormRow(s, args[0], true)
			s.row = row
		}
	case "Row", "Rows", "Pluck":
		s.Columns = readColumns(s.Columns)
	case "Update", "UpdateColumn":
		s.Set = concat(placeless(r.text(args[0])), literal(" = ?"))
		return r.gormChanges(s, s.row)
	case "Updates", "UpdateColumns":
		s.Set = r.gormSet(args[0])
		if s.Table == nil {
			s.Table, s.row = r.gormTable(args[0]), args[0]
		}
		return r.gormChanges(s, s.row)
	case "Delete":
		if s.Table == nil {
			s.Table = r.gormTable(args[0])
		}
		if s.row == nil {
			s.row = args[0]
		}
		r.gormConditions(s, args[1])
		return r.gormChanges(s, args[0])
	}
	return true
}

// readColumns are the columns that a chain reads, all of them where they are not known.
func readColumns(columns []Template) []Template {
	if columns == nil || slices.ContainsFunc(columns, func(t Template) bool { return !t.Constant() }) {
		return literal("*")
	}
	return columns
}

// gormChanges adds the key of the row that is changed, and reports whether conditions of the chain confine it besides.
func (r *resolver) gormChanges(s *Statement, row ssa.Value) bool {
	if s.Where == nil && s.Suffix == nil {
		return false
	}
	r.gormRow(s, row, false)
	return true
}

// gormRow adds the key of a row that has one already, which gorm adds to the conditions. A row that is changed comes
// from somewhere and has one.
func (r *resolver) gormRow(s *Statement, row ssa.Value, reads bool) {
	if row == nil || reads && isList(row) {
		return
	}
	switch k := r.keyOf(row); {
	case k == given, k == unclear && !reads:
		s.Where = and(s.Where, concat(literal(primaryKey(row)), literal(" = ?")))
	case k == unclear:
		s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeValue, row)))
	}
}

// gormConditions adds the conditions that the method which runs a chain is given besides the row.
func (r *resolver) gormConditions(s *Statement, list ssa.Value) {
	values, ok := variadic(list)
	switch {
	case !ok:
		s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeValue, list)))
	case len(values) > 0:
		s.Where = and(s.Where, r.gormComparison(s, values[0], values[1:]))
	}
}

// gormSet is what Updates sets: the entries of a map; the fields of a struct change no row's tenant unless it is set,
// which is a row that the code made.
func (r *resolver) gormSet(v ssa.Value) []Template {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	if _, ok := v.Type().Underlying().(*types.Map); ok {
		if certain, possible, ok := r.entries(v); ok && len(certain)+len(possible) > 0 {
			var all []Template
			for _, update := range append(certain, possible...) {
				all = commas(all, concat(r.text(update.Key), literal(" = ?")))
			}
			return all
		}
	}
	return literal("ctid = ctid")
}
