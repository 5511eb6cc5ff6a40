package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// drop applies DROP of everything but roles.
func (r *replayer) drop(n *pgast.DropStmt) error {
	cascade := cascades(n.Behavior)
	kinds := relationKinds[n.RemoveType]
	if kinds == nil {
		for _, object := range n.Objects {
			if err := r.dropObject(n, object, cascade); err != nil {
				r.skip(0, "%s", err)
			}
		}
		return nil
	}
	r.dropping = map[*pgschema.Relation]bool{}
	var relations []*pgschema.Relation
	for _, object := range n.Objects {
		schema, name := qualified(object.GetList().GetItems())
		rel := r.find(schema, name)
		switch {
		case rel == nil:
			if err := missing(n.MissingOk, "relation", schema, name); err != nil {
				r.skip(0, "%s", err)
			}
		case !slices.Contains(kinds, rel.Kind):
			r.skip(0, "%s is not of the kind that is dropped here", rel.Name)
		case !r.dropping[rel]:
			r.dropping[rel] = true
			relations = append(relations, rel)
		}
	}
	for _, rel := range relations {
		if err := r.dropNamedRelation(rel, cascade); err != nil {
			r.skip(0, "%s", err)
		}
	}
	r.dropping = nil
	return nil
}

func (r *replayer) dropNamedRelation(rel *pgschema.Relation, cascade bool) error {
	if !r.alive(rel) {
		return nil // it went with another of the same statement
	}
	r.event("DropStmt", rel.Name, "drop relation")
	if err := r.dropReferencesToParent(rel, cascade); err != nil {
		return err
	}
	return r.dropRelation(rel, cascade)
}

// relationKinds are the kinds that each DROP of a relation accepts.
var relationKinds = map[pgast.ObjectType][]pgschema.Kind{
	pgast.ObjectType_OBJECT_TABLE:         {pgschema.Table, pgschema.PartitionedTable},
	pgast.ObjectType_OBJECT_VIEW:          {pgschema.View},
	pgast.ObjectType_OBJECT_MATVIEW:       {pgschema.MaterializedView},
	pgast.ObjectType_OBJECT_FOREIGN_TABLE: {pgschema.ForeignTable},
	pgast.ObjectType_OBJECT_SEQUENCE:      {pgschema.Sequence},
}

func (r *replayer) dropObject(n *pgast.DropStmt, object *pgast.Node, cascade bool) error {
	switch n.RemoveType {
	case pgast.ObjectType_OBJECT_INDEX:
		return r.dropNamedIndex(object, n.MissingOk, cascade)
	case pgast.ObjectType_OBJECT_SCHEMA:
		return r.dropSchema(object.GetString_().GetSval(), n.MissingOk, cascade)
	case pgast.ObjectType_OBJECT_POLICY, pgast.ObjectType_OBJECT_TRIGGER, pgast.ObjectType_OBJECT_RULE:
		return r.dropPart(n, object.GetList().GetItems())
	case pgast.ObjectType_OBJECT_FUNCTION, pgast.ObjectType_OBJECT_PROCEDURE, pgast.ObjectType_OBJECT_ROUTINE:
		return r.dropNamedFunction(object.GetObjectWithArgs(), n.MissingOk, cascade)
	case pgast.ObjectType_OBJECT_TYPE, pgast.ObjectType_OBJECT_DOMAIN:
		return r.dropNamedType(object.GetTypeName(), n.MissingOk, cascade)
	case pgast.ObjectType_OBJECT_EXTENSION:
		delete(r.extensions, object.GetString_().GetSval())
		return nil
	case pgast.ObjectType_OBJECT_AGGREGATE, pgast.ObjectType_OBJECT_CAST, pgast.ObjectType_OBJECT_COLLATION,
		pgast.ObjectType_OBJECT_CONVERSION, pgast.ObjectType_OBJECT_OPERATOR, pgast.ObjectType_OBJECT_OPCLASS,
		pgast.ObjectType_OBJECT_OPFAMILY, pgast.ObjectType_OBJECT_LANGUAGE, pgast.ObjectType_OBJECT_EVENT_TRIGGER,
		pgast.ObjectType_OBJECT_PUBLICATION, pgast.ObjectType_OBJECT_STATISTIC_EXT, pgast.ObjectType_OBJECT_FDW,
		pgast.ObjectType_OBJECT_FOREIGN_SERVER, pgast.ObjectType_OBJECT_TSCONFIGURATION, pgast.ObjectType_OBJECT_TSDICTIONARY,
		pgast.ObjectType_OBJECT_TSPARSER, pgast.ObjectType_OBJECT_TSTEMPLATE, pgast.ObjectType_OBJECT_TRANSFORM,
		pgast.ObjectType_OBJECT_ACCESS_METHOD:
		return nil
	}
	return fmt.Errorf("not replayed: DROP of %s", n.RemoveType)
}

// missing is the error for an object that does not exist; nil with IF EXISTS.
func missing(ok bool, what, schema, name string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%s %q does not exist at this point", what, pgschema.Name{Schema: schema, Name: name})
}

// dropRelation drops a relation with its parts, children and users.
func (r *replayer) dropRelation(rel *pgschema.Relation, cascade bool) error {
	for _, child := range slices.Clone(r.children[rel]) {
		if child.PartitionOf == nil && !cascade && !r.dropping[child] {
			return fmt.Errorf("cannot drop %s: %s inherits from it", rel.Name, child.Name)
		}
		if err := r.dropRelation(child, cascade); err != nil {
			return err
		}
	}
	for u := range r.usersOf(rel) {
		if u.rel == rel {
			continue
		}
		if !cascade && !r.dropping[u.rel] {
			return fmt.Errorf("cannot drop %s: %s depends on it", rel.Name, u.describe())
		}
		if err := r.dropUser(u); err != nil {
			return err
		}
	}
	for _, c := range rel.Columns {
		if seq := r.owned[c]; r.alive(seq) {
			if err := r.dropOwnedSequence(seq, rel, cascade); err != nil {
				return err
			}
		}
		delete(r.owned, c)
	}
	r.forget(rel)
	for _, parent := range r.parentsOf(rel) {
		r.children[parent] = remove(r.children[parent], rel)
	}
	delete(r.children, rel)
	delete(r.users, rel)
	return nil
}

// dropReferencesToParent drops with CASCADE the foreign keys to the partitioned table of a partition,
// which rest on the partition too, and otherwise refuses.
func (r *replayer) dropReferencesToParent(rel *pgschema.Relation, cascade bool) error {
	for rel.PartitionOf != nil {
		if rel = r.schema.Relations[*rel.PartitionOf]; rel == nil {
			return nil
		}
		for u := range r.usersOf(rel) {
			con, ok := u.part.(*pgschema.Constraint)
			if !ok || con.Kind != pgschema.ForeignKey {
				continue
			}
			if !cascade && !r.dropping[u.rel] {
				return fmt.Errorf("cannot drop a partition of %s: %s depends on it", rel.Name, u.describe())
			}
			if err := r.dropUser(u); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOwnedSequence drops the sequence of a column with its table; defaults of other tables that
// use it need CASCADE.
func (r *replayer) dropOwnedSequence(seq, owner *pgschema.Relation, cascade bool) error {
	for u := range r.usersOf(seq) {
		if u.rel == owner {
			continue
		}
		if !cascade && !r.dropping[u.rel] {
			return fmt.Errorf("cannot drop %s: %s depends on its sequence", owner.Name, u.describe())
		}
		if err := r.dropUser(u); err != nil {
			return err
		}
	}
	r.forget(seq)
	return nil
}

// parentsOf are the relations that a relation is a child of.
func (r *replayer) parentsOf(rel *pgschema.Relation) []*pgschema.Relation {
	var parents []*pgschema.Relation
	names := rel.Inherits
	if rel.PartitionOf != nil {
		names = append(names[:len(names):len(names)], *rel.PartitionOf)
	}
	for _, name := range names {
		if p := r.schema.Relations[name]; p != nil {
			parents = append(parents, p)
		}
	}
	return parents
}

// dropUser drops what depends on a dropped object, always with CASCADE.
func (r *replayer) dropUser(u user) error {
	switch p := u.part.(type) {
	case nil:
		return r.dropRelation(u.rel, true)
	case *pgschema.Policy:
		u.rel.Policies = remove(u.rel.Policies, p)
		r.removed("DropStmt", u.rel, "drop policy "+p.Name, p)
	case *pgschema.Constraint:
		return r.dropConstraint(u.rel, p, true)
	case *pgschema.Column:
		switch {
		case u.expr == nil || p.Generated == u.expr && u.expr != nil:
			return r.dropColumn(u.rel, p, true, true)
		default:
			p.Default = nil
		}
	case *pgschema.Index:
		return r.dropIndex(u.rel, p, true)
	case *pgschema.Trigger:
		r.dropTrigger(u.rel, p)
	case *pgschema.Rule:
		u.rel.Rules = remove(u.rel.Rules, p)
	case *pgschema.Function:
		return r.dropFunction(p, true)
	}
	return nil
}

// describe names a user in an error.
func (u user) describe() string {
	switch p := u.part.(type) {
	case *pgschema.Policy:
		return fmt.Sprintf("policy %q on %s", p.Name, u.rel.Name)
	case *pgschema.Constraint:
		return fmt.Sprintf("constraint %q on %s", p.Name, u.rel.Name)
	case *pgschema.Column:
		return fmt.Sprintf("column %q of %s", p.Name, u.rel.Name)
	case *pgschema.Index:
		return fmt.Sprintf("index %q", p.Name)
	case *pgschema.Trigger:
		return fmt.Sprintf("trigger %q on %s", p.Name, u.rel.Name)
	case *pgschema.Rule:
		return fmt.Sprintf("rule %q on %s", p.Name, u.rel.Name)
	case *pgschema.Function:
		return fmt.Sprintf("function %s", p.Name)
	}
	return fmt.Sprintf("view %s", u.rel.Name)
}

func (r *replayer) dropNamedIndex(object *pgast.Node, ok, cascade bool) error {
	schema, name := qualified(object.GetList().GetItems())
	ref, found := r.index(schema, name)
	if !found {
		return missing(ok, "index", schema, name)
	}
	if ref.idx.Constraint != "" {
		return fmt.Errorf("cannot drop index %q because a constraint of %s requires it", name, ref.rel.Name)
	}
	if r.inherited[ref.idx] {
		return fmt.Errorf("cannot drop index %q because the index of a partitioned table requires it", name)
	}
	r.removed("DropStmt", ref.rel, "drop index "+name, ref.idx)
	return r.dropIndex(ref.rel, ref.idx, cascade)
}

// dropPart drops a policy, trigger or rule; the names are those of the table and the part.
func (r *replayer) dropPart(n *pgast.DropStmt, names []*pgast.Node) error {
	if len(names) < 2 {
		return nil
	}
	schema, table := qualified(names[:len(names)-1])
	name := names[len(names)-1].GetString_().GetSval()
	rel := r.find(schema, table)
	if rel == nil {
		return missing(n.MissingOk, "relation", schema, table)
	}
	switch n.RemoveType {
	case pgast.ObjectType_OBJECT_POLICY:
		if p := policy(rel, name); p != nil {
			rel.Policies = remove(rel.Policies, p)
			r.removed("DropStmt", rel, "drop policy "+name, p)
			return nil
		}
		return missing(n.MissingOk, "policy", "", name)
	case pgast.ObjectType_OBJECT_TRIGGER:
		if t := trigger(rel, name); t != nil {
			if r.inherited[t] {
				return fmt.Errorf("cannot drop trigger %q because the trigger of a partitioned table requires it", name)
			}
			r.removed("DropStmt", rel, "drop trigger "+name, t)
			r.dropTrigger(rel, t)
			return nil
		}
		return missing(n.MissingOk, "trigger", "", name)
	default:
		for _, rule := range rel.Rules {
			if rule.Name == name {
				rel.Rules = remove(rel.Rules, rule)
				return nil
			}
		}
		return missing(n.MissingOk, "rule", "", name)
	}
}
