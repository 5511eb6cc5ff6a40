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

// statement is a query as a builder has collected it: each clause as text.
type statement struct {
	verb    string // "SELECT", "INSERT", "UPDATE", "DELETE"
	columns []Template
	table   []Template
	joins   []Template
	set     []Template
	where   []Template // conditions joined by AND, nil for none
	values  []Template // VALUES or the SELECT of an INSERT
	suffix  []Template
	prefix  []Template
	handle  ssa.Value // the argument of RunWith
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

func (r *resolver) renderAll(states []statement, v ssa.Value) []Template {
	if len(states) == 0 {
		return hole(codeCall, v)
	}
	sets := make([][]Template, len(states))
	for i, s := range states {
		sets[i] = s.render()
	}
	return union(sets...)
}

// builder returns the alternatives of a builder value; none when it is not known.
func (r *resolver) builder(v ssa.Value) []statement {
	r.steps++
	if r.steps > maxSteps || r.open[v] || r.depth > maxDepth {
		return nil
	}
	r.open[v] = true
	defer delete(r.open, v)
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return r.builder(v.X)
	case *ssa.ChangeType:
		return r.builder(v.X)
	case *ssa.Phi:
		var all []statement
		for _, edge := range v.Edges {
			if r.open[edge] {
				continue
			}
			all = append(all, r.builder(edge)...)
		}
		return all[:min(len(all), maxStates)]
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return r.builderAt(v.X)
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return r.returnedBuilder(call, v.Index)
		}
	case *ssa.Call:
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
	case *ssa.Parameter:
		return slices.Clone(r.builders[v])
	}
	return nil
}

// builderAt joins the builders stored in a local variable that closures share.
func (r *resolver) builderAt(addr ssa.Value) []statement {
	if _, ok := addr.(*ssa.Alloc); !ok {
		return nil
	}
	var all []statement
	for _, stored := range r.index.storesTo(addr) {
		all = append(all, r.builder(stored)...)
	}
	return all[:min(len(all), maxStates)]
}

// returnedBuilder returns the builders that a function of the package returns.
func (r *resolver) returnedBuilder(call *ssa.Call, result int) []statement {
	callee := call.Call.StaticCallee()
	if callee == nil || len(callee.Blocks) == 0 {
		return nil
	}
	for i, p := range callee.Params {
		if i < len(call.Call.Args) && isBuilder(p.Type()) {
			r.builders[p] = r.builder(call.Call.Args[i])
			defer delete(r.builders, p)
		}
	}
	r.depth++
	defer func() { r.depth-- }()
	var all []statement
	for _, block := range callee.Blocks {
		ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
		if !ok || len(ret.Results) <= result {
			continue
		}
		for _, s := range r.builder(ret.Results[result]) {
			all = append(all, s.mapped(func(set []Template) []Template {
				return substitute(set, func(h *Hole) []Template {
					if h.param != nil && h.param.Parent() == callee && h.Param < len(call.Call.Args) {
						return r.text(call.Call.Args[h.Param])
					}
					return nil
				})
			}))
		}
	}
	return all[:min(len(all), maxStates)]
}

func (s statement) mapped(f func([]Template) []Template) statement {
	for _, clause := range []*[]Template{&s.columns, &s.table, &s.joins, &s.set, &s.where, &s.values, &s.suffix, &s.prefix} {
		if *clause != nil {
			*clause = f(*clause)
		}
	}
	return s
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
func (r *resolver) begin(name string, args []ssa.Value) []statement {
	s := statement{verb: verbs[name]}
	if len(args) > 0 {
		if name == "Select" {
			s.columns = r.list(args[0])
		} else {
			s.table = r.text(args[0])
		}
	}
	return []statement{s}
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
func (r *resolver) apply(s *statement, name string, args []ssa.Value, call *ssa.Call) {
	clause := func(keyword string) []Template { return concat(literal(keyword), r.text(args[0])) }
	switch name {
	case "RunWith":
		s.handle = args[0]
	case "PlaceholderFormat", "Distinct", "Options", "RemoveColumns", "RemoveLimit", "RemoveOffset", "Limit", "Offset", "OrderBy", "OrderByClause", "GroupBy", "Having":
		// They change no row's tenant.
	case "Columns":
		s.columns = commas(s.columns, r.list(args[0]))
	case "Column":
		s.columns = commas(s.columns, r.condition(args[0]))
	case "From", "Into", "Table":
		s.table = r.text(args[0])
	case "FromSelect":
		sub := r.renderAll(r.builder(args[0]), call)
		s.table = concat(literal("("), sub, literal(") AS "), r.text(args[1]))
	case "Join", "InnerJoin":
		s.joins = then(s.joins, clause(" JOIN "))
	case "LeftJoin":
		s.joins = then(s.joins, clause(" LEFT JOIN "))
	case "RightJoin":
		s.joins = then(s.joins, clause(" RIGHT JOIN "))
	case "CrossJoin":
		s.joins = then(s.joins, clause(" CROSS JOIN "))
	case "JoinClause":
		s.joins = then(s.joins, concat(literal(" "), r.condition(args[0])))
	case "Where":
		s.where = and(s.where, r.condition(args[0]))
	case "Set":
		s.set = commas(s.set, concat(r.text(args[0]), literal(" = "), r.assigned(args[1])))
	case "SetMap":
		s.set = commas(s.set, r.setMap(args[0], call))
		if s.verb == "INSERT" {
			s.columns, s.values, s.set = r.insertMap(args[0], call)
		}
	case "Values":
		if s.values == nil {
			s.values = concat(literal(" VALUES ("), r.row(args[0]), literal(")"))
		}
	case "Select":
		s.values = concat(literal(" "), r.renderAll(r.builder(args[0]), call))
	case "Suffix":
		s.suffix = then(s.suffix, clause(" "))
	case "SuffixExpr":
		s.suffix = then(s.suffix, concat(literal(" "), r.condition(args[0])))
	case "Prefix":
		s.prefix = then(s.prefix, concat(r.text(args[0]), literal(" ")))
	case "PrefixExpr":
		s.prefix = then(s.prefix, concat(r.condition(args[0]), literal(" ")))
	default:
		s.suffix = then(s.suffix, hole(codeCall, call))
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

func (s statement) render() []Template {
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
	add(s.prefix)
	switch s.verb {
	case "SELECT":
		add(literal("SELECT "), orUnknown(s.columns))
		if s.table != nil {
			add(literal(" FROM "), s.table)
		}
		add(s.joins)
	case "INSERT":
		add(literal("INSERT INTO "), orUnknown(s.table))
		if s.columns != nil {
			add(literal(" ("), s.columns, literal(")"))
		}
		add(orUnknown(s.values))
	case "UPDATE":
		add(literal("UPDATE "), orUnknown(s.table), literal(" SET "), orUnknown(s.set))
		if s.joins != nil {
			add(literal(" "), s.joins)
		}
	case "DELETE":
		add(literal("DELETE FROM "), orUnknown(s.table), s.joins)
	}
	if s.where != nil {
		add(literal(" WHERE "), s.where)
	}
	add(s.suffix)
	return concat(sets...)
}
