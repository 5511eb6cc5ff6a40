package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// changeOwner gives an object to another role: the new owner has by that all it was granted, and
// the old one keeps nothing (aclnewowner in PostgreSQL's acl.c).
func (r *replayer) changeOwner(owner *string, grants *[]*pgschema.Grant, to string) {
	*owner = to
	*grants = slices.DeleteFunc(*grants, func(g *pgschema.Grant) bool { return g.Grantee == to })
	for _, g := range *grants {
		if r.grantors[g] == to {
			delete(r.grantors, g)
		}
	}
}

// setOwner gives a relation, with the sequences of its columns, to another role.
func (r *replayer) setOwner(rel *pgschema.Relation, to string) {
	r.changeOwner(&rel.Owner, &rel.Grants, to)
	for _, c := range rel.Columns {
		owner := rel.Owner
		r.changeOwner(&owner, &c.Grants, to)
		if seq := r.owned[c]; r.alive(seq) {
			r.changeOwner(&seq.Owner, &seq.Grants, to)
		}
	}
}

// alterOwner applies ALTER … OWNER TO of what is no relation.
func (r *replayer) alterOwner(n *pgast.AlterOwnerStmt) error {
	to := r.roleName(n.Newowner)
	switch n.ObjectType {
	case pgast.ObjectType_OBJECT_SCHEMA:
		name := n.Object.GetString_().GetSval()
		ns := r.schema.Namespaces[name]
		if ns == nil {
			return fmt.Errorf("schema %q does not exist at this point", name)
		}
		r.changeOwner(&ns.Owner, &ns.Grants, to)
	case pgast.ObjectType_OBJECT_FUNCTION, pgast.ObjectType_OBJECT_PROCEDURE, pgast.ObjectType_OBJECT_ROUTINE:
		f, err := r.function(n.Object.GetObjectWithArgs())
		if err != nil {
			return err
		}
		r.changeOwner(&f.Owner, &f.Grants, to)
	case pgast.ObjectType_OBJECT_TYPE, pgast.ObjectType_OBJECT_DOMAIN:
		t, err := r.typeNamed(n.Object.GetList().GetItems())
		if err != nil {
			return err
		}
		r.changeOwner(&t.Owner, &t.Grants, to)
	}
	return nil
}

// everyOwner calls visit with the owner and the grants of each object.
func (r *replayer) everyOwner(visit func(owner *string, grants []*pgschema.Grant)) {
	for _, ns := range r.schema.Namespaces {
		visit(&ns.Owner, ns.Grants)
	}
	for _, rel := range r.schema.Relations {
		visit(&rel.Owner, rel.Grants)
	}
	for _, f := range r.currentFunctions() {
		visit(&f.Owner, f.Grants)
	}
	for _, t := range r.schema.Types {
		visit(&t.Owner, t.Grants)
	}
}

// reassignOwned applies REASSIGN OWNED.
func (r *replayer) reassignOwned(n *pgast.ReassignOwnedStmt) error {
	from, to := r.roleNames(n.Roles), r.roleName(n.Newrole)
	for _, ns := range r.schema.Namespaces {
		if slices.Contains(from, ns.Owner) {
			r.changeOwner(&ns.Owner, &ns.Grants, to)
		}
	}
	for _, rel := range r.schema.Relations {
		if slices.Contains(from, rel.Owner) {
			r.setOwner(rel, to)
		}
	}
	for _, f := range r.currentFunctions() {
		if slices.Contains(from, f.Owner) {
			r.changeOwner(&f.Owner, &f.Grants, to)
		}
	}
	for _, t := range r.schema.Types {
		if slices.Contains(from, t.Owner) {
			r.changeOwner(&t.Owner, &t.Grants, to)
		}
	}
	return nil
}

// checkDropOwned refuses to drop what others than the roles depend on.
func (r *replayer) checkDropOwned(roles []string) error {
	check := func(object any, name string) error {
		for u := range r.usersOf(object) {
			owner := ""
			switch f, ok := u.part.(*pgschema.Function); {
			case ok:
				owner = f.Owner
			case u.rel != nil:
				owner = u.rel.Owner
			}
			if !slices.Contains(roles, owner) {
				return fmt.Errorf("cannot drop %s: %s depends on it", name, u.describe())
			}
		}
		return nil
	}
	for _, rel := range r.schema.Sorted() {
		if slices.Contains(roles, rel.Owner) {
			if err := check(rel, rel.Name.String()); err != nil {
				return err
			}
		}
	}
	for _, f := range r.currentFunctions() {
		if slices.Contains(roles, f.Owner) {
			if err := check(f, f.Name.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOwnedObjects applies DROP OWNED: the objects of the roles go, and what was granted to them.
func (r *replayer) dropOwnedObjects(n *pgast.DropOwnedStmt) error {
	roles, cascade := r.roleNames(n.Roles), cascades(n.Behavior)
	if !cascade {
		if err := r.checkDropOwned(roles); err != nil {
			return err
		}
	}
	for _, rel := range r.schema.Sorted() {
		if r.alive(rel) && slices.Contains(roles, rel.Owner) {
			if err := r.dropRelation(rel, true); err != nil {
				return err
			}
		}
	}
	for _, f := range slices.Clone(r.schema.Functions) {
		if slices.Contains(r.functions[f.Name], f) && slices.Contains(roles, f.Owner) {
			if err := r.dropFunction(f, true); err != nil {
				return err
			}
		}
	}
	for _, t := range r.schema.Types {
		if slices.Contains(roles, t.Owner) {
			if err := r.dropType(t, true); err != nil {
				return err
			}
		}
	}
	for name, ns := range r.schema.Namespaces {
		if slices.Contains(roles, ns.Owner) {
			if err := r.dropSchema(name, true, cascade); err != nil {
				return err
			}
		}
	}
	r.everyGrant(func(owner string, grants *[]*pgschema.Grant) {
		before := *grants
		*grants = slices.DeleteFunc(slices.Clone(before), func(g *pgschema.Grant) bool {
			return slices.Contains(roles, g.Grantee) && len(r.grantable([]string{g.Privilege}, owner, before)) > 0
		})
	})
	for key, acl := range r.defaults {
		if slices.Contains(roles, key.role) {
			delete(r.defaults, key)
			r.defaultKeys = remove(r.defaultKeys, key)
			continue
		}
		acl.grants = slices.DeleteFunc(acl.grants, func(g *pgschema.Grant) bool { return slices.Contains(roles, g.Grantee) })
	}
	r.dropFromPolicies(roles)
	return nil
}

// dropFromPolicies takes roles out of policies; a policy for no other role goes with them.
func (r *replayer) dropFromPolicies(roles []string) {
	for _, rel := range r.schema.Relations {
		rel.Policies = slices.DeleteFunc(rel.Policies, func(p *pgschema.Policy) bool {
			p.Roles = slices.DeleteFunc(p.Roles, func(role string) bool { return slices.Contains(roles, role) })
			return len(p.Roles) == 0
		})
	}
}
