package sqlflow

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// key says whether a row that gorm is given has its primary key set.
type key int

const (
	absent key = iota
	given
	unclear
)

// keyOf reports whether a row has a primary key: not a literal without one, nor a variable that is filled here for the
// first time; whether one from elsewhere has, only its maker knows.
func (r *resolver) keyOf(row ssa.Value) key {
	own, _ := row.(*ssa.MakeInterface)
	if own != nil {
		row = own.X
	}
	if _, ok := row.(*ssa.Const); ok {
		return absent
	}
	alloc := composite(row)
	if alloc == nil {
		return unclear
	}
	if _, ok := gotype.Deref(alloc.Type()).Underlying().(*types.Pointer); ok {
		return absent // gorm makes the row
	}
	held := false
	for _, ref := range *alloc.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr:
			st, ok := gotype.Deref(alloc.Type()).Underlying().(*types.Struct)
			if ok && isPrimaryKey(st, ref.Field) && setsKey(r.index.storesTo(ref)) {
				return given
			}
		case *ssa.Store:
			held = held || ref.Addr == ssa.Value(alloc) && !isZero(ref.Val)
		case *ssa.MakeInterface:
			held = held || own != nil && ref != own && ssaflow.Dominates(ref, own)
		case *ssa.Call:
			held = held || own != nil && ssaflow.Dominates(ref, own)
		}
	}
	if held {
		return given
	}
	return absent
}

func setsKey(values []ssa.Value) bool {
	return slices.ContainsFunc(values, func(v ssa.Value) bool { return !isZero(v) })
}

// isZero reports whether a value is the zero value of its type.
func isZero(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && (c.Value == nil || slices.Contains([]string{"0", `""`, "false"}, c.Value.ExactString()))
}
