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

// squirrelMethod returns the name of the method or function of the builder that is called, the
// receiver (nil for a function) and the arguments.
func squirrelMethod(call ssa.CallInstruction) (name string, receiver ssa.Value, args []ssa.Value) {
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
	if isGorm(v.Type()) {
		if states := r.gormBase(v); states != nil {
			return states
		}
	}
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return r.builder(v.X)
	case *ssa.ChangeType:
		return r.builder(v.X)
	case *ssa.Phi:
		return r.builderPhi(v)
	case *ssa.UnOp:
		if v.Op == token.MUL && !isGorm(v.Type()) {
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

func (r *resolver) builderCall(v *ssa.Call) []Statement {
	if name, db, args := gormMethod(v); db != nil {
		return r.gormChain(v, name, db, args)
	}
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
			if isBuilder(arg.Type()) || isGorm(arg.Type()) {
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
		if s.Verb != "" || s.Base == bareHandle || s.base != nil && s.base.Parent() != callee {
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
	if fn == nil || result >= fn.Signature.Results().Len() {
		return nil
	}
	if t := fn.Signature.Results().At(result).Type(); !isBuilder(t) && !isGorm(t) {
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
