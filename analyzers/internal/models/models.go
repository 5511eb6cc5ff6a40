// Package models knows the database libraries: which calls run SQL, which argument is the text, and
// what kind of handle they run it on. Facts about libraries come from this table, never from their
// source, so that every driver gives the same answer.
package models

import (
	"go/types"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// Kind is what a handle is to the tenant setting: whether a setting made on it lasts until the next
// statement on it.
type Kind int

const (
	// Unknown handles are interfaces: anything may be behind them.
	Unknown Kind = iota
	// Pool handles take any connection for each call.
	Pool
	// Conn handles are one connection, outside a transaction unless one was begun on it.
	Conn
	// Tx handles are one transaction.
	Tx
	// Stmt handles are prepared statements; their text was given when they were made.
	Stmt
	// Batch handles collect statements that are sent later on another handle.
	Batch
)

var kindNames = [...]string{"handle", "pool", "connection", "transaction", "prepared statement", "batch"}

func (k Kind) String() string { return kindNames[k] }

// None stands for an argument that a call does not have.
const None = -1

// Receiver stands for the receiver of a method where an argument is named.
const Receiver = -2

// Sink says how a call runs SQL. Arguments count from 0 without the receiver.
type Sink struct {
	// Query is the argument that holds the SQL text.
	Query int
	// Context is the context argument, or None.
	Context int
	// Args is the first of the values bound to placeholders, or None.
	Args int
	// Handle is the argument the SQL runs on, or Receiver.
	Handle int
	// Named says that placeholders are :name and that one struct or map holds the values.
	Named bool
	// Prepares says that the text is kept for later and not run now.
	Prepares bool
	// Lists says that a placeholder for a list stands without parentheses: "id IN ?".
	Lists bool
}

// SinkOf returns how a function or method runs SQL: by the table, or for a method of an interface
// by its shape (see shape.go).
func SinkOf(fn *types.Func) (Sink, bool) {
	if fn == nil {
		return Sink{}, false
	}
	if s, ok := table[fn.Origin().FullName()]; ok {
		return s, true
	}
	return byShape(fn)
}

// KindOf returns the kind of a handle by its static type.
func KindOf(t types.Type) Kind { return kinds[typeName(t)] }

// typeName returns the name of a named type, or of what a pointer to one points to, with its path.
func typeName(t types.Type) string {
	named := gotype.Named(t)
	if named == nil || named.Obj().Pkg() == nil {
		return ""
	}
	return named.Obj().Pkg().Path() + "." + named.Obj().Name()
}

// Begins reports whether a function begins a transaction on its receiver and returns it.
func Begins(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	switch fn.Name() {
	case "Begin", "BeginTx", "BeginTxx", "Beginx", "MustBegin", "MustBeginTx":
	default:
		return false
	}
	results := fn.Signature().Results()
	return results.Len() > 0 && (KindOf(results.At(0).Type()) == Tx || IsHandle(results.At(0).Type()))
}
