package sqlflow

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// squirrelPath is the import path of the query builder, whose forks keep the name.
const squirrelPath = "/squirrel"

// maxStates bounds the alternatives of one query builder.
const maxStates = 8

// Statement is a query as a builder has collected it: each clause as the alternatives of its text,
// nil for none.
type Statement struct {
	Verb string // "SELECT", "INSERT", "UPDATE", "DELETE"; empty for one that adds to Base
	// Base is the parameter (receiver included) whose builder the clauses add to, when Verb is empty.
	Base    int
	Columns []Template
	Table   []Template
	Joins   []Template
	Set     []Template
	Where   []Template // conditions joined by AND
	Values  []Template // VALUES or the SELECT of an INSERT
	Suffix  []Template
	Prefix  []Template

	base   *ssa.Parameter
	handle ssa.Value // the argument of RunWith
}

// onto returns the statement that results from adding the clauses of s to another one.
func (s Statement) onto(base Statement) Statement {
	out := base
	if out.handle == nil {
		out.handle = s.handle
	}
	if s.Table != nil {
		out.Table = s.Table
	}
	if s.Values != nil {
		out.Values = s.Values
	}
	out.Columns = commas(base.Columns, s.Columns)
	out.Set = commas(base.Set, s.Set)
	out.Joins = then(base.Joins, s.Joins)
	out.Suffix = then(base.Suffix, s.Suffix)
	out.Prefix = then(base.Prefix, s.Prefix)
	if base.Where != nil && s.Where != nil {
		out.Where = concat(base.Where, literal(" AND "), s.Where)
	} else if s.Where != nil {
		out.Where = s.Where
	}
	return out
}

// clauses are the clauses of the statement.
func (s *Statement) clauses() []*[]Template {
	return []*[]Template{&s.Columns, &s.Table, &s.Joins, &s.Set, &s.Where, &s.Values, &s.Suffix, &s.Prefix}
}

// mapped returns the statement with each clause as f makes it.
func (s Statement) mapped(f func([]Template) []Template) Statement {
	for _, clause := range s.clauses() {
		if *clause != nil {
			*clause = f(*clause)
		}
	}
	return s
}

// squirrelMethod returns the name of the method or function of the builder that is called, the
// receiver (nil for a function) and the arguments.
func squirrelMethod(call *ssa.Call) (name string, receiver ssa.Value, args []ssa.Value) {
	common := call.Common()
	var fn *types.Func
	args = common.Args
	if common.IsInvoke() {
		fn, receiver = common.Method, common.Value
	} else if callee := common.StaticCallee(); callee != nil {
		fn, _ = callee.Object().(*types.Func)
		if fn != nil && fn.Signature().Recv() != nil && len(args) > 0 {
			receiver, args = args[0], args[1:]
		}
	}
	if fn == nil || fn.Pkg() == nil || !strings.HasSuffix(strings.ToLower(fn.Pkg().Path()), squirrelPath) {
		return "", nil, nil
	}
	return fn.Name(), receiver, args
}

// built returns the SQL of ToSql on a builder; ok is false for other calls.
func (r *resolver) built(call *ssa.Call, result int) (text []Template, ok bool) {
	name, receiver, _ := squirrelMethod(call)
	if receiver == nil || result != 0 || name != "ToSql" && name != "MustSql" {
		return nil, false
	}
	return r.renderAll(r.builder(receiver), call), true
}

func (r *resolver) renderAll(states []Statement, v ssa.Value) []Template {
	if len(states) == 0 {
		return hole(codeCall, v)
	}
	complete := slices.ContainsFunc(states, func(s Statement) bool { return s.Values != nil })
	var sets [][]Template
	for _, s := range states {
		if s.Verb == "INSERT" && s.Values == nil && complete {
			continue // rows are added in a loop, and an INSERT without a row is an error of the builder
		}
		sets = append(sets, s.render())
	}
	return union(sets...)
}

// builder returns the alternatives of a builder value; none when it is not known.
func (r *resolver) builder(v ssa.Value) []Statement {
	if states, ok := r.loops[v]; ok {
		r.partial++
		return slices.Clone(states)
	}
	if states, ok := r.builders[v]; ok {
		return slices.Clone(states)
	}
	r.steps++
	if r.steps > maxSteps || r.open[v] || r.depth > maxDepth {
		r.partial++
		return nil
	}
	r.open[v] = true
	before := r.partial
	states := r.newBuilder(v)
	delete(r.open, v)
	if r.partial == before {
		r.builders[v] = slices.Clone(states)
	}
	return states
}

func (r *resolver) newBuilder(v ssa.Value) []Statement {
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return r.builder(v.X)
	case *ssa.ChangeType:
		return r.builder(v.X)
	case *ssa.Phi:
		return r.builderPhi(v)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return r.builderAt(v.X)
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return r.returnedBuilder(call, v.Index)
		}
	case *ssa.Call:
		return r.builderCall(v)
	case *ssa.Parameter:
		return []Statement{{Base: slices.Index(v.Parent().Params, v), base: v}}
	}
	return nil
}

// builderPhi joins the builders that flow together. What a loop adds is taken once.
func (r *resolver) builderPhi(v *ssa.Phi) []Statement {
	var all []Statement
	var rest []ssa.Value
	for _, edge := range v.Edges {
		states := r.builder(edge)
		if states == nil {
			rest = append(rest, edge)
		}
		all = append(all, states...)
	}
	if len(rest) > 0 && len(all) > 0 {
		if r.loops == nil {
			r.loops = map[ssa.Value][]Statement{}
		}
		r.loops[v] = all
		for _, edge := range rest {
			all = append(all, r.builder(edge)...)
		}
		delete(r.loops, v)
	}
	return distinct(all)
}

// distinct drops repetitions. Beyond the bound the shortest statements are kept, with a hole for what
// the others add: conditions that a builder adds only narrow a statement.
func distinct(states []Statement) []Statement {
	type keyed struct {
		Statement
		key string
	}
	var all []keyed
	seen := map[string]bool{}
	for _, s := range states {
		key := s.key()
		if !seen[key] {
			seen[key] = true
			all = append(all, keyed{s, key})
		}
	}
	if len(all) > maxStates {
		slices.SortStableFunc(all, func(a, b keyed) int { return len(a.key) - len(b.key) })
		all = all[:maxStates]
		all[0].Suffix = then(all[0].Suffix, hole(codeBudget, nil))
	}
	out := make([]Statement, len(all))
	for i, s := range all {
		out[i] = s.Statement
	}
	return out
}

// key tells statements apart by their text.
func (s Statement) key() string {
	var b strings.Builder
	b.WriteString(s.Verb)
	for _, clause := range s.clauses() {
		for _, t := range *clause {
			b.WriteString(t.key() + "\x01")
		}
		b.WriteByte(2)
	}
	return b.String()
}

func (r *resolver) builderCall(v *ssa.Call) []Statement {
	name, receiver, args := squirrelMethod(v)
	if name == "" {
		return r.returnedBuilder(v, 0)
	}
	if verbs[name] != "" && (receiver == nil || isStatementBuilder(receiver.Type())) {
		return r.begin(name, args)
	}
	if receiver == nil {
		return nil
	}
	states := r.builder(receiver)
	for i := range states {
		r.apply(&states[i], name, args, v)
	}
	return states
}

// builderAt joins the builders stored in a local variable that closures share.
func (r *resolver) builderAt(addr ssa.Value) []Statement {
	if free, ok := addr.(*ssa.FreeVar); ok {
		if bound := r.index.bindings(free); len(bound) == 1 {
			addr = bound[0]
		}
	}
	if _, ok := addr.(*ssa.Alloc); !ok {
		return nil
	}
	var all []Statement
	for _, stored := range r.index.storesTo(addr) {
		all = append(all, r.builder(stored)...)
	}
	return distinct(all)
}

// returnedBuilder returns the builder that a function makes or, given one, adds to. A function that
// is not known adds what is not known: it cannot take a condition away.
func (r *resolver) returnedBuilder(call *ssa.Call, result int) []Statement {
	args := call.Call.Args
	callee := call.Call.StaticCallee()
	if callee != nil {
		callee = generic(callee)
	}
	states := r.builderSummary(callee, result)
	if states == nil {
		for _, arg := range args {
			if isBuilder(arg.Type()) {
				unknown := Statement{Suffix: concat(literal(" "), hole(codeCall, call))}
				return added(unknown, r.builder(arg))
			}
		}
		return nil
	}
	var all []Statement
	for _, s := range states {
		s = s.mapped(func(set []Template) []Template {
			return substitute(set, func(h *Hole) []Template {
				if h.Param >= 0 && h.Param < len(args) && (h.param == nil || h.param.Parent() == callee) {
					return r.text(args[h.Param])
				}
				return nil
			})
		})
		if s.Verb != "" {
			all = append(all, s)
		} else if s.Base >= 0 && s.Base < len(args) {
			all = append(all, added(s, r.builder(args[s.Base]))...)
		}
	}
	return distinct(all)
}

func added(s Statement, bases []Statement) []Statement {
	out := make([]Statement, len(bases))
	for i, base := range bases {
		out[i] = s.onto(base)
	}
	return out
}

// builderSummary returns what a function returns as a builder, in terms of its parameters.
func (r *resolver) builderSummary(fn *ssa.Function, result int) []Statement {
	if fn == nil || result >= fn.Signature.Results().Len() || !isBuilder(fn.Signature.Results().At(result).Type()) {
		return nil
	}
	if len(fn.Blocks) == 0 {
		object, ok := fn.Object().(*types.Func)
		var fact Summary
		if !ok || result != 0 || !r.pass.ImportObjectFact(object.Origin(), &fact) {
			return nil
		}
		return fact.Builds
	}
	r.depth++
	defer func() { r.depth-- }()
	var all []Statement
	for _, block := range fn.Blocks {
		if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok && len(ret.Results) > result {
			all = append(all, r.builder(ret.Results[result])...)
		}
	}
	return distinct(all)
}

func isBuilder(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil &&
		strings.HasSuffix(strings.ToLower(named.Obj().Pkg().Path()), squirrelPath) && strings.HasSuffix(named.Obj().Name(), "Builder")
}

func isStatementBuilder(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "StatementBuilderType"
}

var verbs = map[string]string{"Select": "SELECT", "Insert": "INSERT", "Replace": "INSERT", "Update": "UPDATE", "Delete": "DELETE"}

// begin starts a statement: Select(columns...), Insert(table), Update(table), Delete(table).
func (r *resolver) begin(name string, args []ssa.Value) []Statement {
	s := Statement{Verb: verbs[name]}
	if len(args) > 0 {
		if name == "Select" {
			s.Columns = r.list(args[0])
		} else {
			s.Table = r.text(args[0])
		}
	}
	return []Statement{s}
}

// list is a variadic list of strings, joined by commas.
func (r *resolver) list(v ssa.Value) []Template {
	values, ok := variadic(v)
	if !ok {
		if values, ok = variadic(r.index.origin(v)); !ok {
			return hole(codeValue, v)
		}
	}
	if len(values) == 0 {
		return nil
	}
	return r.join(values, literal(", "))
}

// apply adds to a statement what one method of the builder says.
func (r *resolver) apply(s *Statement, name string, args []ssa.Value, call *ssa.Call) {
	clause := func(keyword string) []Template { return concat(literal(keyword), r.text(args[0])) }
	switch name {
	case "RunWith":
		s.handle = args[0]
	case "PlaceholderFormat", "Distinct", "Options", "RemoveColumns", "RemoveLimit", "RemoveOffset", "Limit", "Offset", "OrderBy", "OrderByClause", "GroupBy", "Having":
		// They change no row's tenant.
	case "Columns":
		s.Columns = commas(s.Columns, r.list(args[0]))
	case "Column":
		s.Columns = commas(s.Columns, r.condition(args[0]))
	case "From", "Into", "Table":
		s.Table = r.text(args[0])
	case "FromSelect":
		sub := r.renderAll(r.builder(args[0]), call)
		s.Table = concat(literal("("), sub, literal(") AS "), r.text(args[1]))
	case "Join", "InnerJoin":
		s.Joins = then(s.Joins, clause(" JOIN "))
	case "LeftJoin":
		s.Joins = then(s.Joins, clause(" LEFT JOIN "))
	case "RightJoin":
		s.Joins = then(s.Joins, clause(" RIGHT JOIN "))
	case "CrossJoin":
		s.Joins = then(s.Joins, clause(" CROSS JOIN "))
	case "JoinClause":
		s.Joins = then(s.Joins, concat(literal(" "), r.condition(args[0])))
	case "Where":
		s.Where = and(s.Where, r.condition(args[0]))
	case "Set":
		s.Set = commas(s.Set, concat(r.text(args[0]), literal(" = "), r.assigned(args[1])))
	case "SetMap":
		s.Set = commas(s.Set, r.setMap(args[0], call))
		if s.Verb == "INSERT" {
			s.Columns, s.Values, s.Set = r.insertMap(args[0], call)
		}
	case "Values":
		if s.Values == nil {
			s.Values = concat(literal(" VALUES ("), r.row(args[0]), literal(")"))
		}
	case "Select":
		s.Values = concat(literal(" "), r.renderAll(r.builder(args[0]), call))
	case "Suffix":
		s.Suffix = then(s.Suffix, clause(" "))
	case "SuffixExpr":
		s.Suffix = then(s.Suffix, concat(literal(" "), r.condition(args[0])))
	case "Prefix":
		s.Prefix = then(s.Prefix, concat(r.text(args[0]), literal(" ")))
	case "PrefixExpr":
		s.Prefix = then(s.Prefix, concat(r.condition(args[0]), literal(" ")))
	default:
		s.Suffix = then(s.Suffix, hole(codeCall, call))
	}
}

// row is one row of VALUES: a placeholder for each value.
func (r *resolver) row(v ssa.Value) []Template {
	values, ok := variadic(v)
	if !ok {
		return hole(codeValue, v)
	}
	var sets [][]Template
	for i, value := range values {
		if i > 0 {
			sets = append(sets, literal(", "))
		}
		sets = append(sets, r.assigned(value))
	}
	return concat(sets...)
}

// assigned is a value of SET or VALUES: an expression of the builder, or a placeholder.
func (r *resolver) assigned(v ssa.Value) []Template {
	if m, ok := v.(*ssa.MakeInterface); ok {
		if call, ok := m.X.(*ssa.Call); ok {
			if name, _, args := squirrelMethod(call); name == "Expr" {
				return r.text(args[0])
			}
		}
		if isBuilder(m.X.Type()) {
			return concat(literal("("), r.renderAll(r.builder(m.X), v), literal(")"))
		}
	}
	return literal("?")
}

func commas(list, item []Template) []Template {
	if list == nil || item == nil {
		return append(list, item...)
	}
	return concat(list, literal(", "), item)
}

func then(a, b []Template) []Template {
	if a == nil {
		return b
	}
	return concat(a, b)
}

func and(a, b []Template) []Template {
	b = concat(literal("("), b, literal(")"))
	if a == nil {
		return b
	}
	return concat(a, literal(" AND "), b)
}

func (s Statement) render() []Template {
	sets := [][]Template{}
	add := func(parts ...[]Template) {
		for _, p := range parts {
			if p != nil {
				sets = append(sets, p)
			}
		}
	}
	orUnknown := func(t []Template) []Template {
		if t == nil {
			return hole(codeValue, nil)
		}
		return t
	}
	add(s.Prefix)
	switch s.Verb {
	case "SELECT":
		add(literal("SELECT "), orUnknown(s.Columns))
		if s.Table != nil {
			add(literal(" FROM "), s.Table)
		}
		add(s.Joins)
	case "INSERT":
		add(literal("INSERT INTO "), orUnknown(s.Table))
		if s.Columns != nil {
			add(literal(" ("), s.Columns, literal(")"))
		}
		add(orUnknown(s.Values))
	case "UPDATE":
		add(literal("UPDATE "), orUnknown(s.Table), literal(" SET "), orUnknown(s.Set))
		if s.Joins != nil {
			add(literal(" "), s.Joins)
		}
	case "DELETE":
		add(literal("DELETE FROM "), orUnknown(s.Table), s.Joins)
	}
	if s.Where != nil {
		add(literal(" WHERE "), s.Where)
	}
	add(s.Suffix)
	return concat(sets...)
}
