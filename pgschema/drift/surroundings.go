package drift

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// future begins the name of what default privileges are about, such as "future tables in public".
const future = "future "

// defaults lists the privileges that objects will be granted when they are made, by grantee, whoever
// makes them. Schema is where; empty for the whole database, in which an entry stands in place of the
// built-in privileges (pg_default_acl).
func (l *list) defaults(schema string, all []*pgschema.DefaultPrivilege) {
	grants := map[string][]*pgschema.Grant{}
	kept, stated := map[string]bool{}, map[string]bool{} // by role and kind of object
	for _, d := range all {
		thing := future + d.Objects
		if schema != "" && schema != l.own {
			thing += " in " + schema
		}
		stated[d.Role+" "+d.Objects] = true
		switch {
		case d.Schema == "" && d.Grant.Grantee == "public" && builtIn[d.Objects] == d.Grant.Privilege:
			kept[d.Role+" "+d.Objects] = true
		case d.Grant.Grantee != d.Role:
			grants[thing] = append(grants[thing], &d.Grant)
		}
	}
	for objects, privilege := range builtIn {
		revoked := false
		for key := range stated {
			revoked = revoked || strings.HasSuffix(key, " "+objects) && !kept[key]
		}
		if schema == "" && !revoked {
			grants[future+objects] = append(grants[future+objects], &pgschema.Grant{Grantee: "public", Privilege: privilege})
		}
	}
	for _, thing := range slices.Sorted(maps.Keys(grants)) {
		l.grants(thing, grants[thing])
	}
}

// builtIn are the privileges that PUBLIC has without any entry (PostgreSQL manual, 5.8).
var builtIn = map[string]string{"functions": "execute", "types": "usage"}

// confining are the settings, beside those of applications, that change which rows or which tables a
// session reaches, or whether triggers and foreign keys hold.
var confining = []string{"search_path", "row_security", "role", "session_replication_role", "default_transaction_read_only"}

// settings lists what ALTER DATABASE and ALTER ROLE set, for everybody and for the roles that have to do
// with the objects listed.
func (l *list) settings(all []*pgschema.SettingDefault) {
	roles := map[string]bool{"": true}
	for _, i := range l.items {
		roles[granteeOf(i.Object)] = true
		for _, line := range i.Definition {
			if owner, ok := strings.CutPrefix(line, "owner "); ok {
				roles[owner] = true
			}
		}
	}
	type key struct{ role, name string }
	strongest := map[key]*pgschema.SettingDefault{}
	for _, d := range all {
		k := key{l.role(d.Role), d.Name}
		if !roles[k.role] || !strings.Contains(d.Name, ".") && !slices.Contains(confining, d.Name) {
			continue
		}
		if known := strongest[k]; known == nil || known.Database == "" {
			strongest[k] = d // that of a role in one database goes before that of the role
		}
	}
	for k, d := range strongest {
		name := k.name
		if k.role != "" {
			name += ofRole + k.role
		}
		value := d.Value
		if l.roleOwn != "" {
			value = replaceWord(value, l.roleOwn, isNameByte)
		}
		l.add(kindSetting, "", name, "value "+or(value, "''"))
	}
}

// ofRole stands between a setting and the role that it is for.
const ofRole = " of role "

// ownValue stands for the value of a setting that is another one for each member.
const ownValue = "a value of its own"

// shareOwnSettings makes the values of a setting equal where most members have one that no other has: a
// tenant for each database is a pattern, not drift.
func shareOwnSettings(variants []*variant) {
	values := map[Object]map[string]int{} // members with each value
	members := map[Object]int{}
	total := 0
	for _, v := range variants {
		total += len(v.members)
		for o, definition := range v.items {
			if o.Kind != kindSetting {
				continue
			}
			if values[o] == nil {
				values[o] = map[string]int{}
			}
			values[o][strings.Join(definition, "\n")] += len(v.members)
			members[o] += len(v.members)
		}
	}
	for o, counts := range values {
		alone := 0
		for _, n := range counts {
			if n == 1 {
				alone++
			}
		}
		if total < 3 || members[o] < 2 || 2*alone <= members[o] {
			continue // of two, either may be odd
		}
		for _, v := range variants {
			if v.items[o] != nil {
				v.items[o] = []string{ownValue}
			}
		}
	}
}
