package queryscope

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// asksByValue reports whether a call is given anything that could belong to a tenant: an id, a list
// or a struct, not only times, limits and flags. A call that is given none works on all rows, which
// the statement itself answers for.
func asksByValue(instr ssa.CallInstruction) bool {
	args := instr.Common().Args
	if !instr.Common().IsInvoke() && instr.Common().Signature().Recv() != nil && len(args) > 0 {
		args = args[1:]
	}
	for _, arg := range args {
		if _, isConst := arg.(*ssa.Const); isConst || isContext(arg.Type()) || carriesHandle(arg.Type()) {
			continue
		}
		if values, ok := bound(arg); ok {
			if slices.ContainsFunc(values, isValue) {
				return true
			}
			continue
		}
		if isValue(arg) {
			return true
		}
	}
	return false
}

// bound returns the values of a variadic argument that is written out.
func bound(arg ssa.Value) (values []ssa.Value, ok bool) {
	s, isSlice := arg.(*ssa.Slice)
	if !isSlice {
		return nil, false
	}
	alloc, isAlloc := s.X.(*ssa.Alloc)
	if !isAlloc || alloc.Comment != "varargs" {
		return nil, false
	}
	for _, ref := range *alloc.Referrers() {
		at, isIndex := ref.(*ssa.IndexAddr)
		if !isIndex {
			continue
		}
		for _, use := range *at.Referrers() {
			if store, isStore := use.(*ssa.Store); isStore {
				values = append(values, store.Val)
			}
		}
	}
	return values, true
}

// isValue reports whether a value can name a row: no constant, time, duration, flag or function.
func isValue(v ssa.Value) bool {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	if _, isConst := v.(*ssa.Const); isConst {
		return false
	}
	if named, ok := types.Unalias(v.Type()).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time" {
		return false
	}
	switch u := v.Type().Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsBoolean == 0
	case *types.Signature:
		return false
	}
	return true
}
