package setscope

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
// of one handle are the same value, also in a function literal that captures it.
func (c *checker) canonical(v ssa.Value) ssa.Value {
	for range maxSteps {
		v = ssaflow.Unconverted(v)
		var behind ssa.Value
		switch u := v.(type) {
		case *ssa.Call:
			behind = builtOn(u)
		case *ssa.Alloc:
			behind = handleIn(u)
		case *ssa.FreeVar:
			behind, _ = ssaflow.Binding(u)
		case *ssa.UnOp:
			if u.Op != token.MUL {
				return v
			}
			alloc := c.variable(u.X)
			if alloc == nil {
				return c.sameLoad(u)
			}
			if behind = ssaflow.StoredOnce(alloc); behind == nil {
				return alloc
			}
		}
		if behind == nil {
			return v
		}
		v = behind
	}
	return v
}

// variable returns the local variable at an address, also where a function literal captures it.
func (c *checker) variable(addr ssa.Value) *ssa.Alloc {
	if free, ok := addr.(*ssa.FreeVar); ok {
		if bound, _ := ssaflow.Binding(free); bound != nil {
			addr = c.canonical(bound)
		}
	}
	alloc, _ := addr.(*ssa.Alloc)
	return alloc
}

// sameLoad gives two reads of one field of one struct the same value.
func (c *checker) sameLoad(load *ssa.UnOp) ssa.Value {
	switch addr := load.X.(type) {
	case *ssa.Global:
		return c.first(loadKey{addr, 0}, load)
	case *ssa.FieldAddr:
		if c.naming[load] {
			return load // a struct that is read from a field of its own
		}
		c.naming[load] = true
		defer delete(c.naming, load)
		of := c.canonical(addr.X)
		if models.IsHandle(load.Type()) && runsOn(of, load.Type()) {
			return of
		}
		return c.first(loadKey{of, addr.Field}, load)
	}
	return load
}

// runsOn reports whether a handle that is read from a field of a struct is known by the struct: what a
// function is given a struct for, such as the Queries of sqlc, runs on the handle in it.
func runsOn(of ssa.Value, handle types.Type) bool {
	if _, ok := of.(*ssa.Parameter); ok {
		return models.KindOf(handle) == models.Unknown && !isGorm(handle)
	}
	return models.IsHandle(of.Type())
}

// loadKey names a field of a struct, or a package variable.
type loadKey struct {
	of    ssa.Value
	field int
}

func (c *checker) first(key loadKey, load *ssa.UnOp) ssa.Value {
	if known, ok := c.loads[key]; ok {
		return known
	}
	c.loads[key] = load
	return load
}

// builtOn returns the handle that a call builds a struct on, as db.New(conn) and queries.WithTx(tx)
// of sqlc do, or nil.
func builtOn(call *ssa.Call) ssa.Value {
	if models.IsHandle(call.Type()) || isGorm(call.Type()) || !holdsHandle(call.Type()) {
		return nil
	}
	_, args := ssaflow.Receiver(call)
	for _, arg := range slices.Backward(args) {
		if models.IsHandle(arg.Type()) {
			return arg
		}
	}
	return nil
}

// handleIn returns the handle that is stored in a field of a local struct, or nil.
func handleIn(alloc *ssa.Alloc) ssa.Value {
	if !holdsHandle(alloc.Type()) {
		return nil
	}
	for _, v := range ssaflow.StoredInFields(alloc) {
		if models.IsHandle(v.Type()) {
			return v
		}
	}
	return nil
}

// holdsHandle reports whether a type is a struct of the code's own with a handle in a field.
func holdsHandle(t types.Type) bool {
	return models.KindOf(t) == models.Unknown && models.HoldsHandle(t)
}
