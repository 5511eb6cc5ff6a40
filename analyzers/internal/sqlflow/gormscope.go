package sqlflow

import (
	"golang.org/x/tools/go/ssa"
)

// gormScopes adds what functions that are given the chain add to it.
func (r *resolver) gormScopes(s *Statement, list ssa.Value, v ssa.Value) {
	scopes, ok := variadic(list)
	if !ok {
		s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeValue, v)))
		return
	}
	for _, scope := range scopes {
		r.gormScope(s, scope, v)
	}
}

// gormScope adds what a function that is given the chain adds to it.
func (r *resolver) gormScope(s *Statement, scope, v ssa.Value) {
	states := r.builderSummary(r.funcOf(scope, 0), 0)
	if len(states) != 1 || states[0].Verb != "" || states[0].Base != 0 || states[0].Suffix != nil {
		s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeCall, v)))
		return
	}
	*s = states[0].onto(*s)
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
