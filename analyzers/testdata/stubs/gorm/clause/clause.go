// Package clause is a stub.
package clause

// Expression is what a clause adds to a statement.
type Expression interface{ Build(builder Builder) }

// Builder takes the text of a statement.
type Builder interface{ WriteByte(byte) error }

// Locking is FOR UPDATE and its kin.
type Locking struct{ Strength string }

// Build writes the clause.
func (locking Locking) Build(builder Builder) {}

// Eq is an equation.
type Eq struct {
	Column interface{}
	Value  interface{}
}

// Build writes the equation.
func (eq Eq) Build(builder Builder) {}

// Associations names all associations of a model.
const Associations = "~~~as~~~"
