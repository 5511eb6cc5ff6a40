package ssaflow

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Declared returns the declared function that a function literal stands in.
func Declared(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// Literal returns the function that a value is, nil for one that is only known when the program runs.
func Literal(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		fn, _ := v.Fn.(*ssa.Function)
		return fn
	case *ssa.ChangeType:
		return Literal(v.X)
	}
	return nil
}

// Binding returns the value that a captured variable has where its closure is made, and that
// instruction; nil where no source makes the closure, as for a method value.
func Binding(v *ssa.FreeVar) (ssa.Value, *ssa.MakeClosure) {
	fn := v.Parent()
	i := slices.Index(fn.FreeVars, v)
	if fn.Parent() == nil || i < 0 {
		return nil, nil
	}
	for _, block := range fn.Parent().Blocks {
		for _, instr := range block.Instrs {
			if closure, ok := instr.(*ssa.MakeClosure); ok && closure.Fn == ssa.Value(fn) && i < len(closure.Bindings) {
				return closure.Bindings[i], closure
			}
		}
	}
	return nil, nil
}
