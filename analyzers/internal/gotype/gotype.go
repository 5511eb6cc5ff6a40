// Package gotype looks through pointers at the types behind them.
package gotype

import "go/types"

// Deref returns what a pointer type points to, and any other type as it is, nil included.
func Deref(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// Named returns the named type that a type is or points to, nil for any other.
func Named(t types.Type) *types.Named {
	named, _ := types.Unalias(Deref(t)).(*types.Named)
	return named
}
