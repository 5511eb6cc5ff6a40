package setscope

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// place is what a handle is to a setting made on it.
type place int

const (
	// anywhere handles are not known: interfaces from outside.
	anywhere place = iota
	// pool handles take another connection for each call.
	pool
	// pooled handles are one connection that goes back to a pool.
	pooled
	// own handles are a connection that no one else gets.
	own
	// transaction handles are one transaction.
	transaction
)

// handle is the origin of a handle.
type handle struct {
	place place
	// value is the handle itself: two uses of one handle have the same value.
	value ssa.Value
	// param is the parameter of the declared function that the handle is, or -1.
	param int
	// named says that the name of an interface handle is that of a transaction.
	named bool
}

// originOf follows a handle to where it comes from.
func (c *checker) originOf(v ssa.Value) handle {
	h := handle{value: c.canonical(v), param: -1}
	if h.value == nil {
		return h
	}
	if p, ok := h.value.(*ssa.Parameter); ok && p.Parent().Parent() == nil {
		h.param = slices.Index(p.Parent().Params, p)
	}
	h.place, h.named = c.placeOf(h.value, 0)
	return h
}
