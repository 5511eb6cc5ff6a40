package sqlflow

import (
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
)

const gormPath = "gorm.io/gorm"

// bareHandle is the Base of a statement that nothing has been added to yet: a handle.
const bareHandle = -1

// gormMethod returns the name of the method of *gorm.DB that a value calls, the handle and the arguments.
func gormMethod(v ssa.Value) (name string, db ssa.Value, args []ssa.Value) {
	call, ok := v.(*ssa.Call)
	if !ok || call.Call.StaticCallee() == nil || len(call.Call.Args) == 0 || !isGorm(call.Call.Args[0].Type()) {
		return "", nil, nil
	}
	fn, ok := call.Call.StaticCallee().Object().(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != gormPath || fn.Signature().Recv() == nil {
		return "", nil, nil
	}
	return fn.Name(), call.Call.Args[0], call.Call.Args[1:]
}

// isGormHandle reports whether a function is a method of *gorm.DB or gives one.
func isGormHandle(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() > 0 && isGorm(results.At(0).Type())
}

func isGorm(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isGormType(p, "DB")
}

func isGormType(t types.Type, name string) bool {
	named := gotype.Named(t)
	return named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == gormPath && named.Obj().Name() == name
}

// gormNeutral are the methods of a chain that change no row's tenant, and those that end one and hand the chain on.
// What Preload and Joins of an association read besides is tied to the rows of the chain by their keys.
var gormNeutral = []string{
	"Association", "Assign", "Attrs", "Begin", "Connection", "Debug", "Distinct", "Group", "Having", "InstanceSet", "Limit", "MapColumns",
	"Offset", "Omit", "Order", "Preload", "Set", "SavePoint", "WithContext", "Count", "Find", "First", "Last", "Take", "Pluck",
	"Delete", "Update", "UpdateColumn", "UpdateColumns", "Updates", "Scan", "FindInBatches", "FirstOrCreate", "FirstOrInit",
}

// gormChain returns the statement that a method of a chain has collected.
func (r *resolver) gormChain(v ssa.Value, name string, db ssa.Value, args []ssa.Value) []Statement {
	if name == "Session" && r.setsField(args[0], "NewDB") {
		return []Statement{{Base: bareHandle}}
	}
	states := r.builder(db)
	for i := range states {
		r.gormClause(&states[i], name, args, v)
		if mutated(v) {
			states[i].Suffix = concat(literal(" "), hole(codeValue, v))
		}
	}
	return states
}

// mutated reports whether a condition is added to a chain without keeping the result: gorm adds it to the chain
// itself all the same.
func mutated(v ssa.Value) bool {
	return slices.ContainsFunc(*v.Referrers(), func(ref ssa.Instruction) bool {
		next, ok := ref.(*ssa.Call)
		if !ok || len(*next.Referrers()) > 0 {
			return false
		}
		name, db, _ := gormMethod(next)
		return db == v && slices.Contains([]string{"Where", "Not", "Or", "Joins", "Scopes"}, name)
	})
}

// gormClause adds to a statement what one method of a chain says.
func (r *resolver) gormClause(s *Statement, name string, args []ssa.Value, v ssa.Value) {
	switch name {
	case "Model":
		s.Table, s.row = r.gormTable(args[0]), args[0]
	case "Table":
		s.Table = placeless(r.text(args[0]))
	case "Where":
		s.Where = and(s.Where, r.gormCondition(s, args[0], args[1]))
	case "Not":
		s.Where = and(s.Where, concat(literal("NOT ("), r.gormCondition(s, args[0], args[1]), literal(")")))
	case "Or":
		// AND binds closer than OR, as in what gorm writes.
		condition := concat(literal("("), r.gormCondition(s, args[0], args[1]), literal(")"))
		if s.Where != nil {
			condition = concat(s.Where, literal(" OR "), condition)
		}
		s.Where = condition
	case "Joins", "InnerJoins":
		// A name alone is an association.
		values, _ := variadic(args[1])
		if text := r.gormSubqueries(r.text(args[0]), values); slices.ContainsFunc(text, func(t Template) bool { return strings.Contains(t.String(), " ") || !t.Constant() }) {
			s.Joins = then(s.Joins, concat(literal(" "), text))
		}
	case "Scopes":
		r.gormScopes(s, args[0], v)
	case "Select":
		s.Columns = r.gormColumns(args)
	case "Clauses":
		if values, ok := variadic(args[0]); !ok || slices.ContainsFunc(values, func(v ssa.Value) bool { return !isClauseWithoutCondition(v) }) {
			s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeValue, v)))
		}
	case "Session", "Unscoped":
	default:
		if !slices.Contains(gormNeutral, name) {
			s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeCall, v)))
		}
	}
}

// gormColumns is what Select is given: columns, or an expression with values.
func (r *resolver) gormColumns(args []ssa.Value) []Template {
	query := args[0]
	if m, ok := query.(*ssa.MakeInterface); ok {
		query = m.X
	}
	values, ok := variadic(args[1])
	if !ok || !isText(query.Type()) {
		return hole(codeValue, query)
	}
	text := r.text(query)
	if slices.ContainsFunc(text, func(t Template) bool { return strings.ContainsAny(t.String(), "?@") }) {
		return r.gormSubqueries(text, values)
	}
	for _, value := range values {
		text = commas(text, r.text(value))
	}
	return text
}

// isClauseWithoutCondition reports whether a clause locks rows, returns them or says what to do on conflict.
func isClauseWithoutCondition(v ssa.Value) bool {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	named := gotype.Named(v.Type())
	return named != nil && slices.Contains([]string{"Locking", "Returning", "OnConflict"}, named.Obj().Name())
}

// gormScopes adds what functions that are given the chain add to it.
func (r *resolver) gormScopes(s *Statement, list ssa.Value, v ssa.Value) {
	scopes, ok := variadic(list)
	if !ok {
		s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeValue, v)))
		return
	}
	for _, scope := range scopes {
		states := r.builderSummary(r.funcOf(scope, 0), 0)
		if len(states) != 1 || states[0].Verb != "" || states[0].Base != 0 || states[0].Suffix != nil {
			s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeCall, v)))
			continue
		}
		*s = states[0].onto(*s)
	}
}

// funcOf returns the function that a value is: a literal, a declared function, or what a function of this
// package returns. Nil for any other, and for one that is returned by calls nested deeper than maxDepth, as by a function
// that calls itself.
func (r *resolver) funcOf(v ssa.Value, depth int) *ssa.Function {
	switch v := r.index.origin(v).(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		fn, _ := v.Fn.(*ssa.Function)
		return fn
	case *ssa.Call:
		callee := v.Call.StaticCallee()
		if callee == nil || depth > maxDepth {
			return nil
		}
		var found *ssa.Function
		for _, block := range generic(callee).Blocks {
			if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok && len(ret.Results) == 1 {
				fn := r.funcOf(ret.Results[0], depth+1)
				if fn == nil || found != nil {
					return nil
				}
				found = fn
			}
		}
		return found
	}
	return nil
}

// gormBase is a chain's beginning: a handle in a field or a variable, or one that is given.
func (r *resolver) gormBase(v ssa.Value) []Statement {
	switch v := v.(type) {
	case *ssa.UnOp:
		switch addr := v.X.(type) {
		case *ssa.FieldAddr, *ssa.Global:
			return []Statement{{Base: bareHandle}}
		case *ssa.Alloc:
			return r.gormStored(addr)
		case *ssa.FreeVar:
			if bound := r.index.bindings(addr); len(bound) == 1 {
				return r.gormStored(bound[0])
			}
		}
	case *ssa.FreeVar:
		if bound := r.index.bindings(v); len(bound) == 1 {
			return r.builder(bound[0])
		}
	case *ssa.Field:
		return []Statement{{Base: bareHandle}}
	}
	return nil
}

// gormStored is the chain in a variable that is assigned once.
func (r *resolver) gormStored(addr ssa.Value) []Statement {
	if stored := r.index.storesTo(addr); len(stored) == 1 {
		return r.builder(stored[0])
	}
	return nil
}

// setsField reports whether a composite literal sets a field to true.
func (r *resolver) setsField(v ssa.Value, name string) bool {
	alloc := composite(v)
	if alloc == nil {
		return false
	}
	for _, ref := range *alloc.Referrers() {
		addr, ok := ref.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		if field, _ := structField(alloc, addr.Field); field != nil && field.Name() == name {
			return slices.ContainsFunc(r.index.storesTo(addr), func(v ssa.Value) bool {
				c, ok := v.(*ssa.Const)
				return !ok || c.Value != nil && constant.BoolVal(c.Value)
			})
		}
	}
	return false
}

// handleNames are the last words of the names of parameters that are handles, and no chains begun elsewhere.
var handleNames = []string{"db", "tx", "txn", "conn", "connection", "database", "gorm", "orm", "transaction"}

// isHandleParameter reports whether a parameter is a handle that no condition has been added to: by its name, or as
// gorm gives it to a function that it calls back.
func (r *resolver) isHandleParameter(p *ssa.Parameter) bool {
	words := tenantname.Words(p.Name())
	if len(words) > 0 && slices.Contains(handleNames, words[len(words)-1]) {
		return true
	}
	for _, closure := range r.index.closures[p.Parent()] {
		for _, ref := range *closure.Referrers() {
			if call, ok := ref.(*ssa.Call); ok {
				if name, _, _ := gormMethod(call); name == "Transaction" || name == "Connection" {
					return true
				}
			}
		}
	}
	return false
}

// givenChains reports whether a function of the package passes a chain that it has begun as a parameter of another.
func (c *collector) givenChains(p *ssa.Parameter) bool {
	fn := p.Parent()
	n := slices.Index(fn.Params, p)
	for _, site := range c.index.calls {
		callee := site.instr.Common().StaticCallee()
		if callee == nil || generic(callee) != fn || n >= len(site.instr.Common().Args) {
			continue
		}
		for _, s := range c.builder(site.instr.Common().Args[n]) {
			if s.Where != nil || s.Joins != nil || s.Table != nil || s.Suffix != nil {
				return true
			}
		}
	}
	return false
}

// gormEnds are the methods that run what a chain has collected. Create and Save write the row that they are given.
var gormEnds = map[string]string{
	"Find": "SELECT", "First": "SELECT", "Take": "SELECT", "Last": "SELECT", "FirstOrInit": "SELECT", "FirstOrCreate": "SELECT",
	"Scan": "SELECT", "Row": "SELECT", "Rows": "SELECT", "Count": "SELECT", "Pluck": "SELECT", "FindInBatches": "SELECT",
	"Update": "UPDATE", "UpdateColumn": "UPDATE", "Updates": "UPDATE", "UpdateColumns": "UPDATE", "Delete": "DELETE",
}

// gormSink returns the statement that the end of a chain runs, or nil.
func (c *collector) gormSink(site callSite) *Call {
	value, ok := site.instr.(*ssa.Call)
	if !ok {
		return nil
	}
	name, db, args := gormMethod(value)
	root, raw := gormRoot(db)
	if gormEnds[name] == "" || raw {
		return nil
	}
	c.steps, c.depth, c.near = 0, 0, site.instr.Pos()
	states := c.builder(db)
	if len(states) == 0 {
		states = []Statement{{Suffix: concat(literal(" "), hole(codeCall, db))}}
	}
	call := &Call{Fn: site.fn, Instr: site.instr, Chain: true, Handle: root, Kind: kindOf(root),
		Sink: models.Sink{Query: models.None, Context: models.None, Args: models.None, Handle: models.None}}
	for _, s := range states {
		if s.base != nil && (!c.isHandleParameter(s.base) || c.givenChains(s.base)) {
			s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeParameter, s.base)))
		}
		s.Verb = gormEnds[name]
		if c.gormEnd(&s, name, args) {
			call.Templates = union(call.Templates, within(site.fn, s.render()))
		}
	}
	if len(call.Templates) == 0 {
		return nil
	}
	return call
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

// gormRoot returns the handle that a chain begins with, and whether the chain is SQL as text, which has a sink of
// its own.
func gormRoot(db ssa.Value) (root ssa.Value, raw bool) {
	for db != nil {
		name, next, _ := gormMethod(db)
		if next == nil {
			break
		}
		raw = raw || name == "Raw"
		db = next
	}
	return db, raw
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
