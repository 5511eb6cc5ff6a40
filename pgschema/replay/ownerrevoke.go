package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// applyToOwner records what the owner of a relation takes from itself, or gives back.
func (c grantChange) applyToOwner(rel *pgschema.Relation) {
	if c.option || rel.Owner == "" || !slices.Contains(c.grantees, rel.Owner) {
		return
	}
	for _, privilege := range c.privileges {
		rel.OwnerRevoked = slices.DeleteFunc(rel.OwnerRevoked, func(p string) bool { return p == privilege })
		if !c.grant {
			rel.OwnerRevoked = append(rel.OwnerRevoked, privilege)
		}
	}
	slices.Sort(rel.OwnerRevoked)
}

// initiallyRevoked are the privileges that the owner of a new relation lacks, as default privileges took them.
func (r *replayer) initiallyRevoked(owner, schema, objects string) []string {
	if r.defaults[defaultKey{owner, "", objects}] == nil {
		return nil
	}
	given := r.initialACL(owner, schema, objects)
	var revoked []string
	for _, privilege := range r.allPrivileges(objects) {
		if !slices.ContainsFunc(given, func(g *pgschema.Grant) bool { return g.Grantee == owner && g.Privilege == privilege }) {
			revoked = append(revoked, privilege)
		}
	}
	slices.Sort(revoked)
	return revoked
}
