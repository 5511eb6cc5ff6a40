package ssaflow

import "golang.org/x/tools/go/ssa"

// StoredOnce returns the one value that is stored in a local variable, nil if there are several.
// Closures that capture the variable are not looked into.
func StoredOnce(variable *ssa.Alloc) ssa.Value {
	if values := Stored(variable); len(values) == 1 {
		return values[0]
	}
	return nil
}

// Stored returns the values that are stored at the address of a local variable or of a part of one, by
// the function it belongs to.
func Stored(addr ssa.Value) []ssa.Value {
	var values []ssa.Value
	for _, ref := range *addr.Referrers() {
		if store, ok := ref.(*ssa.Store); ok && store.Addr == addr {
			values = append(values, store.Val)
		}
	}
	return values
}

// StoredInFields returns the values that are stored in the fields of a local struct.
func StoredInFields(variable *ssa.Alloc) []ssa.Value {
	var values []ssa.Value
	for _, ref := range *variable.Referrers() {
		if field, ok := ref.(*ssa.FieldAddr); ok {
			values = append(values, Stored(field)...)
		}
	}
	return values
}

// Unconverted returns the value behind conversions to interfaces and between types of one
// underlying type.
func Unconverted(v ssa.Value) ssa.Value {
	for {
		switch u := v.(type) {
		case *ssa.MakeInterface:
			v = u.X
		case *ssa.ChangeInterface:
			v = u.X
		case *ssa.ChangeType:
			v = u.X
		default:
			return v
		}
	}
}
