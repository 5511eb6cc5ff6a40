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
