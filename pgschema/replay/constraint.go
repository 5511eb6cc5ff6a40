package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// referentialActions are the words for the parser's letters.
var referentialActions = map[string]string{
	"": "no action", "a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default",
}

// defineConstraint adds a constraint to a relation and its children; column is the one it stands
// behind, or "".
func (r *replayer) defineConstraint(rel *pgschema.Relation, n *pgast.Constraint, column string) error {
	if n.Conname != "" && constraint(rel, n.Conname) != nil {
		if n.Contype == pgast.ConstrType_CONSTR_CHECK && r.inherited[constraint(rel, n.Conname)] {
			delete(r.inherited, constraint(rel, n.Conname))
			return nil
		}
		return errorAt(n.Location, "constraint %q of relation %q exists already at this point", n.Conname, rel.Name)
	}
	switch n.Contype {
	case pgast.ConstrType_CONSTR_CHECK:
		return r.defineCheck(rel, n)
	case pgast.ConstrType_CONSTR_PRIMARY, pgast.ConstrType_CONSTR_UNIQUE, pgast.ConstrType_CONSTR_EXCLUSION:
		if n.Indexname != "" {
			return r.promoteIndex(rel, n)
		}
		return r.defineKey(rel, n, column)
	case pgast.ConstrType_CONSTR_FOREIGN:
		return r.defineForeignKey(rel, n, column)
	case pgast.ConstrType_CONSTR_ATTR_DEFERRABLE, pgast.ConstrType_CONSTR_ATTR_NOT_DEFERRABLE,
		pgast.ConstrType_CONSTR_ATTR_DEFERRED, pgast.ConstrType_CONSTR_ATTR_IMMEDIATE:
		return nil
	}
	return errorAt(n.Location, "not replayed: constraint of kind %s", n.Contype)
}

func (r *replayer) defineCheck(rel *pgschema.Relation, n *pgast.Constraint) error {
	con := &pgschema.Constraint{
		Name: n.Conname, Kind: pgschema.Check, Check: r.expr(n.RawExpr, group(r.textFrom(n.Location))),
		NotValid: n.SkipValidation, NoInherit: n.IsNoInherit, Origin: r.at(n.Location),
	}
	con.Columns = r.columnsIn(rel, n.RawExpr)
	if con.Name == "" {
		single := ""
		if len(con.Columns) == 1 {
			single = con.Columns[0]
		}
		con.Name = r.constraintName(rel.Schema, rel.Name.Name, single, "check")
	}
	r.addConstraint(rel, con)
	r.use(rel, con, con.Check)
	if !con.NoInherit {
		for child := range r.family(rel) {
			if child != rel {
				r.inheritCheck(child, con)
			}
		}
	}
	return nil
}

// defineKey adds a primary key, unique or exclusion constraint with its index.
func (r *replayer) defineKey(rel *pgschema.Relation, n *pgast.Constraint, column string) error {
	idx := &pgschema.Index{
		Method: "btree", Unique: true, Origin: r.at(n.Location), Include: stringList(n.Including),
		NullsNotDistinct: n.NullsNotDistinct,
	}
	con := &pgschema.Constraint{Origin: idx.Origin, NullsNotDistinct: n.NullsNotDistinct, Deferrable: n.Deferrable}
	label := "key"
	switch n.Contype {
	case pgast.ConstrType_CONSTR_PRIMARY:
		con.Kind, idx.Primary, label = pgschema.PrimaryKey, true, "pkey"
		if primaryKey(rel) != nil {
			return errorAt(n.Location, "relation %q has a primary key already at this point", rel.Name)
		}
	case pgast.ConstrType_CONSTR_UNIQUE:
		con.Kind = pgschema.Unique
	case pgast.ConstrType_CONSTR_EXCLUSION:
		con.Kind, idx.Unique, label = pgschema.Exclusion, false, "excl"
		if n.AccessMethod != "" {
			idx.Method = n.AccessMethod
		}
	}
	names := stringList(n.Keys)
	if column != "" {
		names = []string{column}
	}
	if con.Kind == pgschema.Exclusion {
		var elements []*pgast.Node
		for _, e := range n.Exclusions {
			items := e.GetList().GetItems()
			elements = append(elements, items[0])
			operator := stringList(items[1].GetList().GetItems())
			if name := items[0].GetIndexElem().GetName(); name != "" && operator[len(operator)-1] != "=" {
				con.Unlike = append(con.Unlike, name)
			}
		}
		if err := r.indexElements(rel, idx, elements, group(r.textFrom(n.Location))); err != nil {
			return err
		}
		names = indexColumnNames(elements)
		idx.Where = r.expr(n.WhereClause, groupAfter(r.textFrom(n.Location), "where"))
	} else {
		idx.Columns = names
		for _, name := range slices.Concat(names, idx.Include) {
			if err := requireColumn(rel, name, n.Location); err != nil {
				return err
			}
		}
	}
	if con.Kind == pgschema.PrimaryKey {
		r.requireNotNull(rel, idx.Columns, n.Location)
	}
	for _, c := range idx.Columns {
		if c != "" {
			con.Columns = append(con.Columns, c)
		}
	}
	if con.Name = n.Conname; con.Name == "" {
		if con.Kind == pgschema.PrimaryKey {
			con.Name = r.keyName(rel.Schema, rel.Name.Name, "", label)
		} else {
			con.Name = r.keyName(rel.Schema, rel.Name.Name, joinColumns(slices.Concat(names, idx.Include)), label)
		}
	} else if r.relationTaken(pgschema.Name{Schema: rel.Schema, Name: con.Name}) {
		return errorAt(n.Location, "relation %q exists already at this point", con.Name)
	}
	idx.Name, idx.Constraint = con.Name, con.Name
	r.addConstraint(rel, con)
	r.addIndex(rel, idx)
	r.useIndex(rel, idx)
	r.indexPartitions(rel, idx)
	return nil
}

func requireColumn(rel *pgschema.Relation, name string, location int32) error {
	if rel.Column(name) == nil && !systemColumns[name] {
		return errorAt(location, "column %q named in key does not exist in %s at this point", name, rel.Name)
	}
	return nil
}

// systemColumns exist in every table (PostgreSQL manual, 5.5).
var systemColumns = wordSet("tableoid xmin cmin xmax cmax ctid")

// requireNotNull makes the columns of a primary key NOT NULL, also in children.
func (r *replayer) requireNotNull(rel *pgschema.Relation, columns []string, location int32) {
	for member := range r.family(rel) {
		for _, name := range columns {
			if c := member.Column(name); c != nil {
				r.setNotNull(c, location)
			}
		}
	}
}

func primaryKey(rel *pgschema.Relation) *pgschema.Constraint {
	for _, c := range rel.Constraints {
		if c.Kind == pgschema.PrimaryKey {
			return c
		}
	}
	return nil
}

// promoteIndex applies ADD CONSTRAINT … USING INDEX, which renames the index to the constraint.
func (r *replayer) promoteIndex(rel *pgschema.Relation, n *pgast.Constraint) error {
	idx := indexOf(rel, n.Indexname)
	if idx == nil || !idx.Unique || idx.Constraint != "" {
		return errorAt(n.Location, "%s has no unique index %q without constraint at this point", rel.Name, n.Indexname)
	}
	con := &pgschema.Constraint{
		Name: n.Conname, Kind: pgschema.Unique, Columns: slices.Clone(idx.Columns), Origin: r.at(n.Location),
		NullsNotDistinct: idx.NullsNotDistinct, Deferrable: n.Deferrable,
	}
	if con.Name == "" {
		con.Name = idx.Name
	}
	if n.Contype == pgast.ConstrType_CONSTR_PRIMARY {
		if primaryKey(rel) != nil {
			return errorAt(n.Location, "relation %q has a primary key already at this point", rel.Name)
		}
		con.Kind, idx.Primary = pgschema.PrimaryKey, true
		r.requireNotNull(rel, idx.Columns, n.Location)
	}
	if con.Name != idx.Name {
		if r.relationTaken(pgschema.Name{Schema: rel.Schema, Name: con.Name}) {
			return errorAt(n.Location, "relation %q exists already at this point", con.Name)
		}
		r.renameIndex(rel, idx, con.Name)
	}
	idx.Constraint = con.Name
	r.addConstraint(rel, con)
	return nil
}

// defineForeignKey adds a foreign key. One to a table that is not known is kept all the same: what
// the tables share is worth knowing.
func (r *replayer) defineForeignKey(rel *pgschema.Relation, n *pgast.Constraint, column string) error {
	con := &pgschema.Constraint{
		Name: n.Conname, Kind: pgschema.ForeignKey, Columns: stringList(n.FkAttrs), RefColumns: stringList(n.PkAttrs),
		OnDelete: referentialActions[n.FkDelAction], OnUpdate: referentialActions[n.FkUpdAction],
		NotValid: n.SkipValidation, Deferrable: n.Deferrable, Origin: r.at(n.Location),
	}
	if len(con.Columns) == 0 && column != "" {
		con.Columns = []string{column}
	}
	for _, name := range con.Columns {
		if err := requireColumn(rel, name, n.Location); err != nil {
			return err
		}
	}
	target, missing := r.relation(n.Pktable)
	if missing != nil {
		con.RefTable = pgschema.Name{Schema: n.Pktable.GetSchemaname(), Name: n.Pktable.GetRelname()}
		r.skip(n.Pktable.GetLocation(), "%s: the foreign key is kept, its target is not known", missing)
	} else {
		con.RefTable = target.Name
		key := matchingKey(target, con.RefColumns)
		if len(con.RefColumns) == 0 {
			pkey := primaryKey(target)
			if pkey == nil {
				return errorAt(n.Location, "there is no primary key for referenced table %q at this point", target.Name)
			}
			con.RefColumns, key = slices.Clone(pkey.Columns), indexOf(target, pkey.Name)
		}
		if len(con.RefColumns) != len(con.Columns) {
			return errorAt(n.Location, "number of referencing and referenced columns for foreign key disagree")
		}
		if key == nil {
			return errorAt(n.Location, "there is no unique constraint matching the referenced columns of %q at this point", target.Name)
		}
		r.keyOf[con] = key
	}
	if con.Name == "" {
		con.Name = r.constraintName(rel.Schema, rel.Name.Name, joinColumns(con.Columns), "fkey")
	}
	r.addForeignKey(rel, con)
	for _, child := range r.children[rel] {
		if child.PartitionOf != nil {
			r.cloneForeignKey(child, con)
		}
	}
	return nil
}

func (r *replayer) addForeignKey(rel *pgschema.Relation, con *pgschema.Constraint) {
	r.addConstraint(rel, con)
	if target := r.schema.Relations[con.RefTable]; target != nil {
		r.users[target] = append(r.users[target], user{rel: rel, part: con})
	}
}

// matchingKey finds the oldest unique index over exactly those columns, on which a foreign key rests.
func matchingKey(rel *pgschema.Relation, columns []string) *pgschema.Index {
	for _, idx := range rel.Indexes {
		if idx.Unique && idx.Where == nil && sameSet(idx.Columns, columns) {
			return idx
		}
	}
	return nil
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// dropConstraint drops a constraint with its index, and on the way down what children inherited.
func (r *replayer) dropConstraint(rel *pgschema.Relation, con *pgschema.Constraint, cascade bool) error {
	if con.Kind == pgschema.PrimaryKey || con.Kind == pgschema.Unique || con.Kind == pgschema.Exclusion {
		return r.dropIndex(rel, indexOf(rel, con.Name), cascade)
	}
	r.removeConstraint(rel, con)
	for _, child := range r.children[rel] {
		if inherited := constraint(child, con.Name); inherited != nil && r.inherited[inherited] {
			if err := r.dropConstraint(child, inherited, cascade); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *replayer) removeConstraint(rel *pgschema.Relation, con *pgschema.Constraint) {
	rel.Constraints = remove(rel.Constraints, con)
	r.releaseConstraintName(rel, con)
	clear(r.nextDigit)
}

// dropNamedConstraint applies ALTER TABLE … DROP CONSTRAINT.
func (r *replayer) dropNamedConstraint(rel *pgschema.Relation, n *pgast.AlterTableCmd) error {
	con := constraint(rel, n.Name)
	if con == nil {
		if n.MissingOk || r.dropNotNullConstraint(rel, n.Name) {
			return nil
		}
		return fmt.Errorf("constraint %q of relation %q does not exist at this point", n.Name, rel.Name)
	}
	if r.inheritsConstraint(rel, con) {
		return fmt.Errorf("cannot drop inherited constraint %q of relation %q", n.Name, rel.Name)
	}
	return r.dropConstraint(rel, con, cascades(n.Behavior))
}

// dropNotNullConstraint drops NOT NULL by the name that version 18 gives to such a constraint.
func (r *replayer) dropNotNullConstraint(rel *pgschema.Relation, name string) bool {
	if r.version < 18 {
		return false
	}
	for _, c := range rel.Columns {
		if c.NotNull && objectName(rel.Name.Name, c.Name, "not_null") == name {
			c.NotNull, c.NotNullOrigin = false, pgschema.Origin{}
			return true
		}
	}
	return false
}

func cascades(b pgast.DropBehavior) bool { return b == pgast.DropBehavior_DROP_CASCADE }
