package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// addRelation enters a new relation under its name, with what default privileges give.
func (r *replayer) addRelation(rel *pgschema.Relation) {
	r.schema.Relations[rel.Name] = rel
	r.temporary = r.temporary || rel.Temporary
	objects := "tables"
	if rel.Kind == pgschema.Sequence {
		objects = "sequences"
	}
	rel.Grants = r.initialGrants(rel.Owner, rel.Schema, objects)
	rel.OwnerRevoked = r.initiallyRevoked(rel.Owner, rel.Schema, objects)
}

// forget takes a relation, with its indexes and constraint names, out of the schema.
func (r *replayer) forget(rel *pgschema.Relation) {
	for _, idx := range rel.Indexes {
		delete(r.indexes, pgschema.Name{Schema: rel.Schema, Name: idx.Name})
	}
	for _, con := range rel.Constraints {
		r.releaseConstraintName(rel, con)
	}
	delete(r.schema.Relations, rel.Name)
	clear(r.nextDigit)
}

func (r *replayer) releaseConstraintName(rel *pgschema.Relation, con *pgschema.Constraint) {
	name := pgschema.Name{Schema: rel.Schema, Name: con.Name}
	if r.constraints[name]--; r.constraints[name] <= 0 {
		delete(r.constraints, name)
	}
}

func (r *replayer) addIndex(rel *pgschema.Relation, idx *pgschema.Index) {
	rel.Indexes = append(rel.Indexes, idx)
	r.indexes[pgschema.Name{Schema: rel.Schema, Name: idx.Name}] = indexRef{rel, idx}
}

func (r *replayer) addConstraint(rel *pgschema.Relation, con *pgschema.Constraint) {
	rel.Constraints = append(rel.Constraints, con)
	r.constraints[pgschema.Name{Schema: rel.Schema, Name: con.Name}]++
}

// move brings a relation to another name, and all that bears its schema or refers to it by name.
func (r *replayer) move(rel *pgschema.Relation, to pgschema.Name) {
	from := rel.Name
	indexes, constraints := rel.Indexes, rel.Constraints
	r.forget(rel)
	rel.Name = to
	r.schema.Relations[to] = rel
	for _, idx := range indexes {
		r.indexes[pgschema.Name{Schema: to.Schema, Name: idx.Name}] = indexRef{rel, idx}
	}
	for _, con := range constraints {
		r.constraints[pgschema.Name{Schema: to.Schema, Name: con.Name}]++
		if con.Kind == pgschema.ForeignKey && con.RefTable == from {
			con.RefTable = to
		}
	}
	if from.Schema != to.Schema {
		for _, c := range rel.Columns {
			if seq := r.owned[c]; r.alive(seq) {
				r.move(seq, pgschema.Name{Schema: to.Schema, Name: seq.Name.Name})
			}
		}
	}
	for _, child := range r.children[rel] {
		if child.PartitionOf != nil && *child.PartitionOf == from {
			child.PartitionOf = &to
		}
		if i := slices.Index(child.Inherits, from); i >= 0 {
			child.Inherits[i] = to
		}
	}
	for u := range r.usersOf(rel) {
		if con, ok := u.part.(*pgschema.Constraint); ok && con.Kind == pgschema.ForeignKey {
			con.RefTable = to
			continue
		}
		if f, ok := u.part.(*pgschema.Function); ok && u.expr == nil {
			renameInSignature(f, quoteName(from), quoteName(to))
			continue
		}
		renameRelationIn(u.expr, from, to)
	}
	for _, p := range rel.Policies {
		renameRelationIn(p.Using, from, to)
		renameRelationIn(p.Check, from, to)
	}
}

// constraint finds a constraint of a relation by name.
func constraint(rel *pgschema.Relation, name string) *pgschema.Constraint {
	for _, c := range rel.Constraints {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// indexOf finds an index of a relation by name.
func indexOf(rel *pgschema.Relation, name string) *pgschema.Index {
	for _, i := range rel.Indexes {
		if i.Name == name {
			return i
		}
	}
	return nil
}

// remove takes an element out of a list.
func remove[T comparable](list []T, element T) []T {
	return slices.DeleteFunc(list, func(e T) bool { return e == element })
}
