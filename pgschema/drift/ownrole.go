package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// ownRole stands for a role that a member has to itself, where most members have one.
const ownRole = "«own role»"

// shareOwnRoles makes the roles equal that each member has to itself under a name that says nothing of the
// tenant, where most members have such a role: a role for each tenant is a pattern, not drift.
func shareOwnRoles(variants []*variant) {
	members := map[string]int{} // that name a role
	total := 0
	for _, v := range variants {
		total += len(v.members)
		for role := range v.grantees() {
			members[role] += len(v.members)
		}
	}
	own := make([][]string, len(variants))
	having := 0
	for i, v := range variants {
		for role := range v.grantees() {
			if members[role] == 1 && !strings.Contains(role, tenant) {
				own[i] = append(own[i], role)
			}
		}
		if own[i] != nil {
			having++
		}
	}
	if total < 3 || 2*having <= total {
		return // of two, either may have granted to a stranger
	}
	for i, v := range variants {
		labels := map[string]string{}
		for _, role := range own[i] {
			labels[role] = ownRole
			if len(own[i]) > 1 {
				labels[role] = "«own role " + v.rightsOf(role) + "»"
			}
		}
		v.rename(labels)
	}
}

// grantees are the roles that hold privileges, but for everyone.
func (v *variant) grantees() map[string]bool {
	roles := map[string]bool{}
	for o := range v.items {
		if role := granteeOf(o); role != "" && role != "public" {
			roles[role] = true
		}
	}
	return roles
}

// granteeOf returns the role of a grant; empty for another object.
func granteeOf(o Object) string {
	if o.Kind != kindGrant {
		return ""
	}
	role, _, _ := strings.Cut(o.Name, " (column ")
	return role
}

// rightsOf tells the roles of one member apart by what they may do.
func (v *variant) rightsOf(role string) string {
	var rights []string
	for o, definition := range v.items {
		if granteeOf(o) == role {
			rights = append(rights, o.Relation+strings.TrimPrefix(o.Name, role)+strings.Join(definition, ","))
		}
	}
	slices.Sort(rights)
	sum := sha256.Sum256([]byte(strings.Join(rights, "\n")))
	return hex.EncodeToString(sum[:4])
}

// rename gives roles other names, wherever an inventory names roles.
func (v *variant) rename(labels map[string]string) {
	if len(labels) == 0 {
		return
	}
	for _, o := range slices.Collect(maps.Keys(v.items)) {
		definition := v.items[o]
		if label := labels[granteeOf(o)]; label != "" {
			delete(v.items, o)
			o.Name = label + strings.TrimPrefix(o.Name, granteeOf(o))
		}
		if setting, role, ok := strings.Cut(o.Name, ofRole); ok && o.Kind == kindSetting && labels[role] != "" {
			delete(v.items, o)
			o.Name = setting + ofRole + labels[role]
		}
		changed := slices.Clone(definition)
		for i, line := range definition {
			if role, ok := strings.CutPrefix(line, "owner "); ok && labels[role] != "" {
				changed[i] = "owner " + labels[role]
			}
			if head, roles, ok := strings.Cut(line, " TO "); ok && o.Kind == kindPolicy && i == 0 {
				names := strings.Split(roles, ", ")
				for n, name := range names {
					if labels[name] != "" {
						names[n] = labels[name]
					}
				}
				slices.Sort(names)
				changed[i] = head + " TO " + strings.Join(names, ", ")
			}
		}
		v.items[o] = changed
	}
}
