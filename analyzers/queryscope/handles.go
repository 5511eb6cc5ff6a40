package queryscope

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
)

// canonical strips conversions and variables that are assigned once off a handle, so that two uses
// of one handle are the same value.
func canonical(v ssa.Value) ssa.Value {
	for {
		switch u := v.(type) {
		case *ssa.MakeInterface:
			v = u.X
		case *ssa.ChangeInterface:
			v = u.X
		case *ssa.ChangeType:
			v = u.X
		case *ssa.TypeAssert:
			v = u.X
		case *ssa.Extract:
			if assert, ok := u.Tuple.(*ssa.TypeAssert); ok && u.Index == 0 {
				v = assert.X
				continue
			}
			return v
		case *ssa.UnOp:
			alloc, ok := u.X.(*ssa.Alloc)
			if u.Op != token.MUL || !ok {
				return v
			}
			stored := storedOnce(alloc)
			if stored == nil {
				return v
			}
			v = stored
		default:
			return v
		}
	}
}

// storedOnce returns the one value that is stored in a local variable, nil if there are several.
func storedOnce(alloc *ssa.Alloc) ssa.Value {
	var stored ssa.Value
	for _, ref := range *alloc.Referrers() {
		store, ok := ref.(*ssa.Store)
		if !ok || store.Addr != ssa.Value(alloc) {
			continue
		}
		if stored != nil {
			return nil
		}
		stored = store.Val
	}
	return stored
}

// sameHandle reports whether two canonical values are the same handle: also the same field of the
// same struct, read twice.
func sameHandle(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, ok := a.(*ssa.UnOp)
	y, ok2 := b.(*ssa.UnOp)
	if !ok || !ok2 || x.Op != token.MUL || y.Op != token.MUL {
		return false
	}
	f, ok := x.X.(*ssa.FieldAddr)
	g, ok2 := y.X.(*ssa.FieldAddr)
	if ok && ok2 {
		return f.Field == g.Field && sameHandle(canonical(f.X), canonical(g.X))
	}
	return x.X == y.X
}

// handleFields returns the handles that are stored in the fields of a local struct.
func handleFields(alloc *ssa.Alloc) []ssa.Value {
	var values []ssa.Value
	for _, ref := range *alloc.Referrers() {
		field, ok := ref.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, use := range *field.Referrers() {
			if store, ok := use.(*ssa.Store); ok && store.Addr == ssa.Value(field) && carriesHandle(store.Val.Type()) {
				values = append(values, store.Val)
			}
		}
	}
	return values
}

// carriesHandle reports whether a type is a handle or a struct that is built on one, such as the
// Queries of sqlc.
func carriesHandle(t types.Type) bool {
	if models.IsHandle(t) {
		return true
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if models.IsHandle(f.Type()) {
			return true
		}
	}
	return false
}
