package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// inheritColumns gives a new child the columns of a parent (PostgreSQL manual, 5.11), with their
// NOT NULL, defaults and generation expressions.
func (r *replayer) inheritColumns(child, parent *pgschema.Relation) {
	for _, pc := range parent.Columns {
		if c := child.Column(pc.Name); c != nil {
			if pc.NotNull && !c.NotNull {
				c.NotNull, c.NotNullOrigin = true, pc.NotNullOrigin
			}
			continue
		}
		r.addInherited(child, pc)
	}
}

// addInherited adds a copy of a parent's column.
func (r *replayer) addInherited(child *pgschema.Relation, pc *pgschema.Column) {
	c := &pgschema.Column{
		Name: pc.Name, Type: pc.Type, NotNull: pc.NotNull, NotNullOrigin: pc.NotNullOrigin,
		Default: pc.Default, Generated: pc.Generated, Origin: pc.Origin,
	}
	if child.PartitionOf != nil {
		c.Identity = r.inheritedIdentity(pc)
	}
	child.Columns = append(child.Columns, c)
	r.inherited[c] = true
	r.setType(child, c, columnType{text: pc.Type, user: r.typeOf[pc]})
	r.use(child, c, pc.Default)
	r.use(child, c, pc.Generated)
}

// inheritedIdentity is what a partition has of its parent's identity column: since version 17 the
// identity itself.
func (r *replayer) inheritedIdentity(pc *pgschema.Column) byte {
	if r.version >= 17 {
		return pc.Identity
	}
	return 0
}

// adopt makes one relation the child of another and gives it the parent's check constraints.
func (r *replayer) adopt(child, parent *pgschema.Relation, partition bool) {
	r.children[parent] = append(r.children[parent], child)
	if partition {
		name := parent.Name
		child.PartitionOf = &name
		for _, pc := range parent.Columns {
			if c := child.Column(pc.Name); c != nil && r.version >= 17 {
				c.Identity = pc.Identity
			}
		}
	} else {
		child.Inherits = append(child.Inherits, parent.Name)
	}
	for _, con := range parent.Constraints {
		if con.Kind == pgschema.Check && !con.NoInherit {
			valid := *con
			valid.NotValid = false // a new child has no rows that were not checked
			r.inheritCheck(child, &valid)
		}
	}
}

// inheritCheck gives a child, and its children, a check constraint of the parent.
func (r *replayer) inheritCheck(child *pgschema.Relation, con *pgschema.Constraint) {
	if constraint(child, con.Name) != nil {
		return
	}
	clone := *con
	r.addConstraint(child, &clone)
	r.inherited[&clone] = true
	r.use(child, &clone, clone.Check)
}

// addParent applies ALTER TABLE … INHERIT.
func (r *replayer) addParent(child, parent *pgschema.Relation) error {
	if slices.Contains(child.Inherits, parent.Name) {
		return fmt.Errorf("%s inherits from %s already", child.Name, parent.Name)
	}
	if err := matchColumns(child, parent); err != nil {
		return err
	}
	r.adopt(child, parent, false)
	return nil
}

// matchColumns checks that a table has the columns it needs to become a child.
func matchColumns(child, parent *pgschema.Relation) error {
	for _, pc := range parent.Columns {
		switch c := child.Column(pc.Name); {
		case c == nil:
			return fmt.Errorf("%s lacks column %q of %s", child.Name, pc.Name, parent.Name)
		case pc.NotNull && !c.NotNull:
			return fmt.Errorf("column %q of %s must be NOT NULL as in %s", pc.Name, child.Name, parent.Name)
		}
	}
	return nil
}

// dropParent applies ALTER TABLE … NO INHERIT.
func (r *replayer) dropParent(child, parent *pgschema.Relation) error {
	if !slices.Contains(child.Inherits, parent.Name) {
		return fmt.Errorf("%s does not inherit from %s", child.Name, parent.Name)
	}
	child.Inherits = remove(child.Inherits, parent.Name)
	r.orphan(child, parent)
	return nil
}

// orphan ends the tie to a parent: what the child inherited becomes its own.
func (r *replayer) orphan(child, parent *pgschema.Relation) {
	r.children[parent] = remove(r.children[parent], child)
	if child.PartitionOf != nil || len(child.Inherits) > 0 {
		return
	}
	for _, c := range child.Columns {
		delete(r.inherited, c)
	}
	for _, con := range child.Constraints {
		delete(r.inherited, con)
	}
}

// inheritsColumn reports whether a parent of the relation has the column.
func (r *replayer) inheritsColumn(rel *pgschema.Relation, name string) bool {
	return slices.ContainsFunc(r.parentsOf(rel), func(p *pgschema.Relation) bool { return p.Column(name) != nil })
}

// inheritsConstraint reports whether a parent of the relation hands the constraint down.
func (r *replayer) inheritsConstraint(rel *pgschema.Relation, con *pgschema.Constraint) bool {
	if con.Kind != pgschema.Check {
		return r.inherited[con]
	}
	return slices.ContainsFunc(r.parentsOf(rel), func(p *pgschema.Relation) bool {
		c := constraint(p, con.Name)
		return c != nil && c.Kind == pgschema.Check && !c.NoInherit
	})
}

// family calls yield for a relation and, depth first, for all below it.
func (r *replayer) family(rel *pgschema.Relation) func(yield func(*pgschema.Relation) bool) {
	return func(yield func(*pgschema.Relation) bool) { r.visitFamily(rel, map[*pgschema.Relation]bool{}, yield) }
}

func (r *replayer) visitFamily(rel *pgschema.Relation, seen map[*pgschema.Relation]bool, yield func(*pgschema.Relation) bool) bool {
	if seen[rel] {
		return true
	}
	seen[rel] = true
	if !yield(rel) {
		return false
	}
	for _, child := range slices.Clone(r.children[rel]) {
		if !r.visitFamily(child, seen, yield) {
			return false
		}
	}
	return true
}
