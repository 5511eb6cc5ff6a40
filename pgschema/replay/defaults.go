package replay

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// defaultKey names an entry of ALTER DEFAULT PRIVILEGES; schema "" is every schema.
type defaultKey struct{ role, schema, objects string }

// defaultACL is the list of privileges of such an entry, as pg_default_acl holds it.
type defaultACL struct{ grants []*pgschema.Grant }

func (a *defaultACL) rename(from, to string) {
	for _, g := range a.grants {
		if g.Grantee == from {
			g.Grantee = to
		}
	}
}

// alterDefaultPrivileges applies ALTER DEFAULT PRIVILEGES.
func (r *replayer) alterDefaultPrivileges(n *pgast.AlterDefaultPrivilegesStmt) error {
	roles, schemas := []string{r.now.role}, []string{""}
	for _, node := range n.Options {
		o := node.GetDefElem()
		switch o.GetDefname() {
		case "roles":
			roles = r.roleNames(o.Arg.GetList().GetItems())
		case "schemas":
			schemas = stringList(o.Arg.GetList().GetItems())
		}
	}
	for _, schema := range schemas {
		if schema != "" && r.schema.Namespaces[schema] == nil {
			return fmt.Errorf("schema %q does not exist at this point", schema)
		}
	}
	objects := grantObjects[n.Action.GetObjtype()]
	change, _ := r.grantChange(n.Action, objects)
	for _, role := range roles {
		for _, schema := range schemas {
			key := defaultKey{role, schema, objects}
			acl := r.defaults[key]
			if acl == nil {
				acl = &defaultACL{}
				if schema == "" {
					acl.grants = r.builtinACL(role, objects)
				}
				r.defaults[key] = acl
				r.defaultKeys = append(r.defaultKeys, key)
			}
			// The role's own privileges are listed here, so no grantee is passed over.
			change.apply(&acl.grants, "")
		}
	}
	return nil
}

// builtinACL is what PostgreSQL gives without any default privilege (acldefault): everything to the
// owner, and to everyone what the manual's section 5.8 says.
func (r *replayer) builtinACL(owner, objects string) []*pgschema.Grant {
	var grants []*pgschema.Grant
	for _, p := range r.allPrivileges(objects) {
		grants = append(grants, &pgschema.Grant{Privilege: p, Grantee: owner})
	}
	switch objects {
	case "functions":
		grants = append(grants, &pgschema.Grant{Privilege: "execute", Grantee: "public"})
	case "types":
		grants = append(grants, &pgschema.Grant{Privilege: "usage", Grantee: "public"})
	}
	return grants
}

// initialGrants are the privileges that a new object has for others than its owner.
func (r *replayer) initialGrants(owner, schema, objects string) []*pgschema.Grant {
	var own []*pgschema.Grant
	for _, g := range r.initialACL(owner, schema, objects) {
		if g.Grantee == owner {
			continue
		}
		change := grantChange{grant: true, option: g.GrantOption, origin: g.Origin}
		change.applyOne(&own, g.Grantee, g.Privilege)
	}
	return own
}

// initialACL is the list of privileges of a new object. Default privileges that leave nothing at all count as
// none (aclmerge in PostgreSQL's aclchk.c): the object then has the built-in ones.
func (r *replayer) initialACL(owner, schema, objects string) []*pgschema.Grant {
	var grants []*pgschema.Grant
	if acl := r.defaults[defaultKey{owner, "", objects}]; acl != nil {
		grants = acl.grants
	} else {
		grants = r.builtinACL(owner, objects)
	}
	if acl := r.defaults[defaultKey{owner, schema, objects}]; acl != nil && schema != "" {
		grants = slices.Concat(grants, acl.grants)
	}
	if len(grants) == 0 {
		return r.builtinACL(owner, objects)
	}
	return grants
}

// defaultPrivileges lists the entries; one that says what PostgreSQL does anyway is none.
func (r *replayer) defaultPrivileges() []*pgschema.DefaultPrivilege {
	var list []*pgschema.DefaultPrivilege
	for _, key := range r.defaultKeys {
		grants := r.defaults[key].grants
		if key.schema == "" && sameGrants(grants, r.builtinACL(key.role, key.objects)) {
			continue
		}
		for _, g := range grants {
			list = append(list, &pgschema.DefaultPrivilege{Role: key.role, Schema: key.schema, Objects: key.objects, Grant: *g})
		}
	}
	return list
}

func sameGrants(a, b []*pgschema.Grant) bool {
	sorted := func(grants []*pgschema.Grant) []*pgschema.Grant {
		return slices.SortedFunc(slices.Values(grants), func(a, b *pgschema.Grant) int {
			return cmp.Or(cmp.Compare(a.Grantee, b.Grantee), cmp.Compare(a.Privilege, b.Privilege))
		})
	}
	return slices.EqualFunc(sorted(a), sorted(b), func(a, b *pgschema.Grant) bool {
		return a.Grantee == b.Grantee && a.Privilege == b.Privilege && a.GrantOption == b.GrantOption
	})
}
