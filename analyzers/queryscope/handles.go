package queryscope

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// maxSteps bounds how far a handle is followed: a variable can hold itself.
const maxSteps = 64

// canonical strips conversions and variables that are assigned once off a handle, so that two uses
// of one handle are the same value.
func canonical(v ssa.Value) ssa.Value {
	for range maxSteps {
		v = ssaflow.Unconverted(v)
		switch u := v.(type) {
		case *ssa.TypeAssert:
			v = u.X
		case *ssa.Extract:
			assert, ok := u.Tuple.(*ssa.TypeAssert)
			if !ok || u.Index != 0 {
				return v
			}
			v = assert.X
		case *ssa.UnOp:
			alloc, ok := u.X.(*ssa.Alloc)
			if u.Op != token.MUL || !ok {
				return v
			}
			stored := ssaflow.StoredOnce(alloc)
			if stored == nil {
				return v
			}
			v = stored
		default:
			return v
		}
	}
	return v
}

// sameHandle reports whether two canonical values are the same handle: also the same field of the
// same struct, read twice.
func sameHandle(a, b ssa.Value) bool {
	for range maxSteps {
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
		if !ok || !ok2 {
			return x.X == y.X
		}
		if f.Field != g.Field {
			return false
		}
		a, b = canonical(f.X), canonical(g.X)
	}
	return false
}

// handleFields returns the handles that are stored in the fields of a local struct.
func handleFields(alloc *ssa.Alloc) []ssa.Value {
	return slices.DeleteFunc(ssaflow.StoredInFields(alloc), func(v ssa.Value) bool { return !carriesHandle(v.Type()) })
}

// carriesHandle reports whether a type is a handle or a struct that is built on one, such as the
// Queries of sqlc.
func carriesHandle(t types.Type) bool { return models.IsHandle(t) || models.HoldsHandle(t) }
