package project

import (
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// owners returns the role that owns all tenant tables with a known owner, if it is one.
func owners(tables []*pgschema.Relation) []string {
	names := map[string]bool{}
	for _, r := range tables {
		if r.Owner != "" {
			names[r.Owner] = true
		}
	}
	if len(names) != 1 {
		return nil
	}
	return slices.Collect(maps.Keys(names))
}

// appRoles returns the role that may write tenant tables and is bound by row-level security, if it
// is one.
func appRoles(s *pgschema.Schema, tables []*pgschema.Relation, owners []string) []string {
	names := map[string]bool{}
	for _, r := range tables {
		for _, g := range r.Grants {
			role := s.Roles[g.Grantee]
			bypasses := role != nil && (role.Superuser || role.BypassRLS)
			writes := g.Privilege == "insert" || g.Privilege == "update" || g.Privilege == "delete"
			if writes && g.Grantee != "public" && !bypasses && !slices.Contains(owners, g.Grantee) {
				names[g.Grantee] = true
			}
		}
	}
	if len(names) != 1 {
		return nil
	}
	return slices.Collect(maps.Keys(names))
}
