package queryscope

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// fact returns what a function does with handles: from its body in this package, by its fact from
// another one.
func (s *scopes) fact(fn *ssa.Function) *scopeFact {
	fn = ssaflow.Origin(fn)
	if known, ok := s.facts[fn]; ok {
		return known
	}
	f := &scopeFact{}
	s.facts[fn] = f // what a recursive function is taken for meanwhile
	if len(fn.Blocks) == 0 {
		if o := ssaflow.Object(fn); o != nil {
			s.pass.ImportObjectFact(o.Origin(), f)
		}
		return f
	}
	returns := returnsOf(fn)
	for i, p := range fn.Params {
		if carriesHandle(p.Type()) && s.setsBefore(p, returns) {
			f.Sets = append(f.Sets, i)
		}
		if s.callsScoped(fn, p) {
			f.Callbacks = append(f.Callbacks, i)
		}
	}
	s.results(fn, returns, f)
	return f
}

// setsBefore reports whether the tenant is set on a parameter before every return but those that
// report an error.
func (s *scopes) setsBefore(p *ssa.Parameter, returns []*ssa.Return) bool {
	found := false
	for _, r := range returns {
		switch {
		case s.isSet(p, r):
			found = true
		case !mayFail(r):
			return false
		}
	}
	return found
}

// mayFail reports whether a return gives an error that is not known to be nil.
func mayFail(r *ssa.Return) bool {
	if len(r.Results) == 0 {
		return false
	}
	last := r.Results[len(r.Results)-1]
	c, isConst := last.(*ssa.Const)
	return types.Identical(last.Type(), types.Universe.Lookup("error").Type()) && !(isConst && c.IsNil())
}

func returnsOf(fn *ssa.Function) []*ssa.Return {
	var returns []*ssa.Return
	for _, block := range fn.Blocks {
		if r, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok {
			returns = append(returns, r)
		}
	}
	return returns
}

// results sets what is known of the handle that a function returns.
func (s *scopes) results(fn *ssa.Function, returns []*ssa.Return, f *scopeFact) {
	results := fn.Signature.Results()
	if results.Len() == 0 || !carriesHandle(results.At(0).Type()) {
		return
	}
	var joined []handle
	for _, r := range returns {
		if c, ok := r.Results[0].(*ssa.Const); ok && c.IsNil() {
			continue
		}
		joined = append(joined, s.of(r.Results[0], r))
	}
	if len(joined) == 0 {
		return
	}
	first := joined[0]
	if slices.ContainsFunc(joined, func(h handle) bool { return h.state != first.state || h.param != first.param }) {
		return
	}
	switch first.state {
	case scoped:
		f.Returns = true
	case unscoped:
		f.Unscoped = first.what
	case parameter:
		f.Holds = first.param + 1
	}
}

// callsScoped reports whether a function parameter is called with a scoped handle wherever it is
// called.
func (s *scopes) callsScoped(fn *ssa.Function, p *ssa.Parameter) bool {
	if _, ok := p.Type().Underlying().(*types.Signature); !ok {
		return false
	}
	found := false
	for _, instr := range s.calls[fn] {
		common := instr.Common()
		if common.IsInvoke() || !isParameter(common.Value, p) {
			continue
		}
		given := false
		for _, arg := range common.Args {
			if carriesHandle(arg.Type()) && s.of(arg, instr).state == scoped {
				given = true
			}
		}
		if !given {
			return false
		}
		found = true
	}
	return found
}

// isParameter reports whether a value is a parameter, or a variable of a literal that captures it.
func isParameter(v ssa.Value, p *ssa.Parameter) bool {
	if v == ssa.Value(p) {
		return true
	}
	if load, ok := v.(*ssa.UnOp); ok {
		if alloc, ok := load.X.(*ssa.Alloc); ok {
			return ssaflow.StoredOnce(alloc) == ssa.Value(p)
		}
		v = load.X
	}
	free, ok := v.(*ssa.FreeVar)
	if !ok {
		return false
	}
	bound, _ := ssaflow.Binding(free)
	if alloc, ok := bound.(*ssa.Alloc); ok {
		return ssaflow.StoredOnce(alloc) == ssa.Value(p)
	}
	return isParameter(bound, p)
}

func (s *scopes) export() {
	for _, fn := range s.program.Funcs {
		o := ssaflow.Object(fn)
		if o == nil || fn.Parent() != nil || !o.Exported() {
			continue
		}
		f := *s.fact(fn)
		f.Needs = s.needs[fn]
		if !f.empty() {
			s.pass.ExportObjectFact(o, &f)
		}
	}
}
