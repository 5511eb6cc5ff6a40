package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Grantors: who gave a privilege or, since version 16, a membership is who alone can take it back (PostgreSQL manual,
// REVOKE).

// grantor is the role in whose name the current one gives or takes privileges on an object, "" for its owner
// (select_best_grantor in PostgreSQL's acl.c).
func (r *replayer) grantor(privileges []string, owner string, grants []*pgschema.Grant) string {
	role := r.schema.Roles[r.now.role]
	if role == nil || role.Superuser || role.Name == owner {
		return ""
	}
	best, most := "", 0
	for _, candidate := range r.privilegesOf(role.Name) {
		if candidate == owner {
			return ""
		}
		options := 0
		for _, privilege := range privileges {
			options += btoi(mayGrant(candidate, privilege, grants))
		}
		if options > most {
			best, most = candidate, options
		}
		if most == len(privileges) {
			break
		}
	}
	return best
}

func mayGrant(role, privilege string, grants []*pgschema.Grant) bool {
	return slices.ContainsFunc(grants, func(g *pgschema.Grant) bool {
		return g.Privilege == privilege && g.GrantOption && g.Grantee == role
	})
}

// applyAs changes a list of grants in the name of who may; those of a column come with the ones of its table. It
// reports whether it does: REVOKE without CASCADE is refused where others have granted on what it takes.
func (r *replayer) applyAs(c grantChange, grants *[]*pgschema.Grant, ofTable []*pgschema.Grant, owner string) bool {
	c.grantor, c.grantors = r.grantor(c.privileges, owner, slices.Concat(ofTable, *grants)), r.grantors
	before := slices.Clone(*grants)
	options := make([]bool, len(before))
	for i, g := range before {
		options[i] = g.GrantOption
	}
	c.apply(grants, owner)
	if c.grant || !r.withdraw(grants, ofTable, owner) || c.cascade {
		return true
	}
	*grants = before
	for i, g := range before {
		g.GrantOption = options[i]
	}
	r.skip(0, "roles that were granted this have granted it to others, so that it cannot be revoked without CASCADE")
	return false
}

// withdraw takes away what was given by roles that may no longer grant it, and reports whether there was any.
func (r *replayer) withdraw(grants *[]*pgschema.Grant, ofTable []*pgschema.Grant, owner string) bool {
	found := false
	for before := -1; before != len(*grants); {
		before = len(*grants)
		kept := *grants
		*grants = slices.DeleteFunc(slices.Clone(kept), func(g *pgschema.Grant) bool {
			by := r.grantors[g]
			return by != "" && by != owner && !mayGrant(by, g.Privilege, kept) && !mayGrant(by, g.Privilege, ofTable)
		})
		found = found || before != len(*grants)
	}
	return found
}

// joinGrants makes one of the grants of a privilege to a role by several.
func (r *replayer) joinGrants() {
	r.everyGrant(func(_ string, grants *[]*pgschema.Grant) {
		if !slices.ContainsFunc(*grants, func(g *pgschema.Grant) bool { return r.grantors[g] != "" }) {
			return
		}
		given := *grants
		*grants = nil
		for _, g := range given {
			grantChange{grant: true, option: g.GrantOption, origin: g.Origin}.applyOne(grants, g.Grantee, g.Privilege)
		}
	})
}

// giver is the role in whose name the current one gives or takes a membership, "" for a superuser
// (check_role_grantor in PostgreSQL's user.c).
func (r *replayer) giver(role string, n *pgast.GrantRoleStmt) string {
	by, candidates := r.roleName(n.Grantor), r.privilegesOf(r.now.role)
	if n.Grantor != nil {
		candidates = []string{by}
	}
	for _, candidate := range candidates {
		if known := r.schema.Roles[candidate]; known == nil || known.Superuser {
			continue
		}
		if m := r.members[membershipKey{role, candidate}]; n.Grantor != nil || m != nil && m.Admin {
			return candidate
		}
	}
	return ""
}

// giveMembership notes who gives a membership.
func (r *replayer) giveMembership(role, member string, n *pgast.GrantRoleStmt) {
	key, by := membershipKey{role, member}, r.giver(role, n)
	if r.members[key] == nil {
		delete(r.givers, key)
	} else if len(r.givers[key]) == 0 {
		r.givers[key] = []string{""} // by CREATE ROLE
	}
	if !slices.Contains(r.givers[key], by) {
		r.givers[key] = append(slices.Clone(r.givers[key]), by)
	}
}

// takeMembership reports whether nobody is left who gave a membership when the current role takes back what it gave.
// Up to version 15 there is but one grant.
func (r *replayer) takeMembership(role, member string, n *pgast.GrantRoleStmt) bool {
	key := membershipKey{role, member}
	givers := r.givers[key]
	if r.version < 16 || len(givers) == 0 {
		return true
	}
	by := r.giver(role, n)
	if len(n.Opt) > 0 {
		return !slices.ContainsFunc(givers, func(g string) bool { return g != by })
	}
	r.givers[key] = slices.DeleteFunc(slices.Clone(givers), func(g string) bool { return g == by })
	return len(r.givers[key]) == 0
}

// renameGrantor follows the new name of a role that gave something, or was given.
func (r *replayer) renameGrantor(from, to string) {
	for g, by := range r.grantors {
		if by == from {
			r.grantors[g] = to
		}
	}
	givers := map[membershipKey][]string{}
	for key, list := range r.givers {
		for _, name := range []*string{&key.role, &key.member} {
			if *name == from {
				*name = to
			}
		}
		list = slices.Clone(list)
		if i := slices.Index(list, from); i >= 0 {
			list[i] = to
		}
		givers[key] = list
	}
	r.givers = givers
}
