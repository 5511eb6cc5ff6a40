package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// rename applies ALTER … RENAME.
func (r *replayer) rename(n *pgast.RenameStmt) error {
	switch n.RenameType {
	case pgast.ObjectType_OBJECT_TABLE, pgast.ObjectType_OBJECT_VIEW, pgast.ObjectType_OBJECT_MATVIEW,
		pgast.ObjectType_OBJECT_FOREIGN_TABLE, pgast.ObjectType_OBJECT_SEQUENCE, pgast.ObjectType_OBJECT_INDEX:
		return r.renameRelation(n)
	case pgast.ObjectType_OBJECT_SCHEMA:
		return r.renameSchema(n.Subname, n.Newname)
	case pgast.ObjectType_OBJECT_ROLE:
		return r.renameRole(n.Subname, n.Newname)
	case pgast.ObjectType_OBJECT_FUNCTION, pgast.ObjectType_OBJECT_PROCEDURE, pgast.ObjectType_OBJECT_ROUTINE:
		f, err := r.function(n.Object.GetObjectWithArgs())
		if err != nil {
			return err
		}
		r.moveFunction(f, pgschema.Name{Schema: f.Schema, Name: n.Newname})
		return nil
	case pgast.ObjectType_OBJECT_TYPE, pgast.ObjectType_OBJECT_DOMAIN:
		t, err := r.typeNamed(n.Object.GetList().GetItems())
		if err != nil {
			return err
		}
		r.moveType(t, pgschema.Name{Schema: t.Schema, Name: n.Newname})
		return nil
	case pgast.ObjectType_OBJECT_ATTRIBUTE:
		return r.renameAttribute(n)
	case pgast.ObjectType_OBJECT_COLUMN, pgast.ObjectType_OBJECT_TABCONSTRAINT, pgast.ObjectType_OBJECT_POLICY,
		pgast.ObjectType_OBJECT_TRIGGER, pgast.ObjectType_OBJECT_RULE:
		return r.renamePart(n)
	case pgast.ObjectType_OBJECT_DATABASE, pgast.ObjectType_OBJECT_DOMCONSTRAINT, pgast.ObjectType_OBJECT_AGGREGATE,
		pgast.ObjectType_OBJECT_COLLATION, pgast.ObjectType_OBJECT_CONVERSION, pgast.ObjectType_OBJECT_OPCLASS,
		pgast.ObjectType_OBJECT_OPFAMILY, pgast.ObjectType_OBJECT_LANGUAGE, pgast.ObjectType_OBJECT_PUBLICATION,
		pgast.ObjectType_OBJECT_SUBSCRIPTION, pgast.ObjectType_OBJECT_TABLESPACE, pgast.ObjectType_OBJECT_STATISTIC_EXT,
		pgast.ObjectType_OBJECT_EVENT_TRIGGER, pgast.ObjectType_OBJECT_FDW, pgast.ObjectType_OBJECT_FOREIGN_SERVER,
		pgast.ObjectType_OBJECT_TSCONFIGURATION, pgast.ObjectType_OBJECT_TSDICTIONARY, pgast.ObjectType_OBJECT_TSPARSER,
		pgast.ObjectType_OBJECT_TSTEMPLATE:
		return nil
	}
	return fmt.Errorf("not replayed: RENAME of %s", n.RenameType)
}

func (r *replayer) renameRelation(n *pgast.RenameStmt) error {
	if ref, ok := r.index(n.Relation.Schemaname, n.Relation.Relname); ok {
		if r.relationTaken(pgschema.Name{Schema: ref.rel.Schema, Name: n.Newname}) {
			return fmt.Errorf("relation %q exists already at this point", n.Newname)
		}
		r.renameKey(ref.rel, ref.idx, n.Newname)
		return nil
	}
	rel, err := r.relation(n.Relation)
	if err != nil {
		if n.MissingOk {
			return nil
		}
		return err
	}
	to := pgschema.Name{Schema: rel.Schema, Name: n.Newname}
	if r.relationTaken(to) {
		return fmt.Errorf("relation %q exists already at this point", to)
	}
	r.event("RenameStmt", rel.Name, "rename to "+n.Newname)
	r.move(rel, to)
	return nil
}

// renameKey renames an index together with its constraint.
func (r *replayer) renameKey(rel *pgschema.Relation, idx *pgschema.Index, to string) {
	if con := constraint(rel, idx.Constraint); con != nil {
		r.releaseConstraintName(rel, con)
		con.Name, idx.Constraint = to, to
		r.constraints[pgschema.Name{Schema: rel.Schema, Name: to}]++
	}
	r.renameIndex(rel, idx, to)
}

// renamePart renames a column, constraint, policy, trigger or rule of a relation.
func (r *replayer) renamePart(n *pgast.RenameStmt) error {
	rel, err := r.relation(n.Relation)
	if err != nil {
		if n.MissingOk {
			return nil
		}
		return err
	}
	switch n.RenameType {
	case pgast.ObjectType_OBJECT_COLUMN:
		return r.renameColumn(rel, n.Subname, n.Newname)
	case pgast.ObjectType_OBJECT_TABCONSTRAINT:
		return r.renameConstraint(rel, n.Subname, n.Newname)
	case pgast.ObjectType_OBJECT_POLICY:
		p := policy(rel, n.Subname)
		if p == nil {
			return missing(false, "policy", "", n.Subname)
		}
		if policy(rel, n.Newname) != nil {
			return fmt.Errorf("policy %q for table %s exists already at this point", n.Newname, rel.Name)
		}
		p.Name = n.Newname
	case pgast.ObjectType_OBJECT_TRIGGER:
		for member := range r.family(rel) {
			if t := trigger(member, n.Subname); t != nil && (member == rel || r.inherited[t]) {
				t.Name = n.Newname
			} else if member == rel {
				return missing(false, "trigger", "", n.Subname)
			}
		}
	case pgast.ObjectType_OBJECT_RULE:
		i := slices.IndexFunc(rel.Rules, func(rule *pgschema.Rule) bool { return rule.Name == n.Subname })
		if i < 0 {
			return missing(false, "rule", "", n.Subname)
		}
		rel.Rules[i].Name = n.Newname
	}
	return nil
}

func (r *replayer) renameConstraint(rel *pgschema.Relation, from, to string) error {
	con := constraint(rel, from)
	if con == nil {
		return fmt.Errorf("constraint %q of relation %q does not exist at this point", from, rel.Name)
	}
	if constraint(rel, to) != nil {
		return fmt.Errorf("constraint %q of relation %q exists already at this point", to, rel.Name)
	}
	if idx := indexOf(rel, con.Name); idx != nil && idx.Constraint == con.Name {
		r.renameKey(rel, idx, to)
		return nil
	}
	for member := range r.family(rel) {
		if c := constraint(member, from); c != nil && (member == rel || con.Kind == pgschema.Check && r.inherited[c]) {
			r.releaseConstraintName(member, c)
			c.Name = to
			r.constraints[pgschema.Name{Schema: member.Schema, Name: to}]++
		}
	}
	return nil
}

// renameColumn renames a column of a table and its children, and in everything that reads it.
func (r *replayer) renameColumn(rel *pgschema.Relation, from, to string) error {
	if _, err := column(rel, from); err != nil {
		return err
	}
	if rel.Column(to) != nil {
		return fmt.Errorf("column %q of relation %q exists already at this point", to, rel.Name)
	}
	if r.inheritsColumn(rel, from) {
		return fmt.Errorf("cannot rename inherited column %q", from)
	}
	r.event("RenameStmt", rel.Name, "rename column "+from+" to "+to)
	for member := range r.family(rel) {
		if member.Column(from) != nil {
			r.renameOwnColumn(member, from, to)
		}
	}
	return nil
}

func (r *replayer) renameOwnColumn(rel *pgschema.Relation, from, to string) {
	r.renameInUsers(rel, from, to)
	rel.Column(from).Name = to
	replace := func(names []string) {
		for i, name := range names {
			if name == from {
				names[i] = to
			}
		}
	}
	replace(rel.PartitionKey)
	for _, con := range rel.Constraints {
		replace(con.Columns)
	}
	for _, idx := range rel.Indexes {
		replace(idx.Columns)
		replace(idx.Include)
	}
	for _, t := range rel.Triggers {
		replace(t.Columns)
	}
	for u := range r.usersOf(rel) {
		if con, ok := u.part.(*pgschema.Constraint); ok && con.Kind == pgschema.ForeignKey {
			replace(con.RefColumns)
		}
	}
}

// renameInUsers writes the new name into the expressions that read a column.
func (r *replayer) renameInUsers(rel *pgschema.Relation, from, to string) {
	rewrite := func(e *pgschema.Expr, sc *scope) {
		if e == nil || e.Node == nil || !r.reads(e, sc, rel, from) {
			return
		}
		e.Node = pgast.Clone(e.Node)
		var refs []*pgast.ColumnRef
		v := &resolver{r: r, column: func(ref *pgast.ColumnRef, of *pgschema.Relation, c *pgschema.Column) {
			if ref != nil && of == rel && c.Name == from {
				refs = append(refs, ref)
			}
		}}
		v.walk(e.Node, sc)
		keepResultNames(e.Node, refs)
		for _, ref := range refs {
			if s := ref.Fields[len(ref.Fields)-1].GetString_(); s != nil {
				s.Sval = to
			}
		}
	}
	own := tableScope(rel)
	for _, p := range rel.Policies {
		rewrite(p.Using, own)
		rewrite(p.Check, own)
	}
	for _, con := range rel.Constraints {
		rewrite(con.Check, own)
	}
	for _, c := range rel.Columns {
		rewrite(c.Generated, own)
	}
	for _, idx := range rel.Indexes {
		for _, e := range idx.Exprs {
			rewrite(e, own)
		}
		rewrite(idx.Where, own)
	}
	for _, t := range rel.Triggers {
		rewrite(t.When, partScope(rel, t))
	}
	for u := range r.usersOf(rel) {
		if u.rel != rel || u.part == nil {
			rewrite(u.expr, partScope(u.rel, u.part))
		}
	}
}

// keepResultNames gives result columns that took their name from a reference an explicit one, as
// a view keeps its column names when those of its tables change.
func keepResultNames(node *pgast.Node, refs []*pgast.ColumnRef) {
	if node.GetSelectStmt() == nil || len(refs) == 0 {
		return
	}
	pgast.Walk(node, func(m any) bool {
		if t, ok := m.(*pgast.ResTarget); ok && t.Name == "" && slices.Contains(refs, t.Val.GetColumnRef()) {
			names := stringList(t.Val.GetColumnRef().Fields)
			t.Name = names[len(names)-1]
		}
		return true
	})
}

// setSchema applies ALTER … SET SCHEMA.
func (r *replayer) setSchema(n *pgast.AlterObjectSchemaStmt) error {
	if n.MissingOk && n.Relation != nil && r.find(n.Relation.Schemaname, n.Relation.Relname) == nil {
		return nil // before the schema is looked at
	}
	if r.schema.Namespaces[n.Newschema] == nil {
		return fmt.Errorf("schema %q does not exist at this point", n.Newschema)
	}
	switch n.ObjectType {
	case pgast.ObjectType_OBJECT_TABLE, pgast.ObjectType_OBJECT_VIEW, pgast.ObjectType_OBJECT_MATVIEW,
		pgast.ObjectType_OBJECT_FOREIGN_TABLE, pgast.ObjectType_OBJECT_SEQUENCE:
		rel, err := r.relation(n.Relation)
		if err != nil {
			return err
		}
		to := pgschema.Name{Schema: n.Newschema, Name: rel.Name.Name}
		if to == rel.Name {
			return nil
		}
		if r.relationTaken(to) {
			return fmt.Errorf("relation %q exists already at this point", to)
		}
		r.event("AlterObjectSchemaStmt", rel.Name, "set schema "+n.Newschema)
		r.move(rel, to)
	case pgast.ObjectType_OBJECT_FUNCTION, pgast.ObjectType_OBJECT_PROCEDURE, pgast.ObjectType_OBJECT_ROUTINE:
		f, err := r.function(n.Object.GetObjectWithArgs())
		if err != nil {
			return err
		}
		r.moveFunction(f, pgschema.Name{Schema: n.Newschema, Name: f.Name.Name})
	case pgast.ObjectType_OBJECT_TYPE, pgast.ObjectType_OBJECT_DOMAIN:
		t, err := r.typeNamed(n.Object.GetList().GetItems())
		if err != nil {
			return err
		}
		r.moveType(t, pgschema.Name{Schema: n.Newschema, Name: t.Name.Name})
	case pgast.ObjectType_OBJECT_EXTENSION:
		r.extensions[n.Object.GetString_().GetSval()] = n.Newschema
	}
	return nil
}
