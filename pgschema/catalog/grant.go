package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Kinds of objects with privileges, as acldefault names them.
const (
	onTable    = 'r'
	onSequence = 's'
	onColumn   = 'c'
	onSchema   = 'n'
	onFunction = 'f'
	onType     = 'T'
)

// acl is what objects have in common that have the same privileges: the access control list as it is
// stored, "" where the built-in defaults hold.
type acl struct {
	kind  byte
	owner uint32
	list  string
}

// part is an object or one of its columns.
type part struct {
	of     uint32
	number int
}

// holder is where the privileges on an object go; revoked is for relations.
type holder struct {
	grants  *[]*pgschema.Grant
	revoked *[]string
}

// holders are the objects with one list. The server explodes that of the first.
type holders struct {
	first   part
	all     []holder
	entries []entry
}

// entry is one privilege of a list.
type entry struct {
	grantee   uint32
	privilege string
	grantable bool
}

// holds notes an object with its list.
func (r *reader) holds(a acl, first part, h holder) {
	if r.acls[a] == nil {
		r.acls[a] = &holders{first: first}
	}
	r.acls[a].all = append(r.acls[a].all, h)
}

// lists ask for the access control lists of some objects.
var lists = map[byte]string{
	onTable:    "SELECT oid, 0, relacl, relowner FROM pg_class WHERE oid = ANY (%s)",
	onSequence: "SELECT oid, 0, relacl, relowner FROM pg_class WHERE oid = ANY (%s)",
	onColumn:   "SELECT attrelid, attnum, attacl, 0 FROM pg_attribute WHERE attrelid = ANY (%s) AND attacl IS NOT NULL",
	onSchema:   "SELECT oid, 0, nspacl, nspowner FROM pg_namespace WHERE oid = ANY (%s)",
	onFunction: "SELECT oid, 0, proacl, proowner FROM pg_proc WHERE oid = ANY (%s)",
	onType:     "SELECT oid, 0, typacl, typowner FROM pg_type WHERE oid = ANY (%s)",
}

// queueGrants asks for the entries of each list once.
func (r *reader) queueGrants() {
	type object struct {
		kind byte
		part
	}
	first := map[object]*holders{}
	oids := map[byte][]uint32{}
	for a, h := range r.acls {
		first[object{a.kind, h.first}] = h
		oids[a.kind] = append(oids[a.kind], h.first.of)
	}
	var selects []string
	for kind, of := range oids {
		selects = append(selects, strings.Replace(fmt.Sprintf(lists[kind], array(of)), "SELECT ", fmt.Sprintf(`SELECT '%c'::"char", `, kind), 1))
		if kind == onTable || kind == onSequence {
			// What the owner has by default, under the bootstrap superuser.
			selects = append(selects, fmt.Sprintf(`SELECT '%c'::"char", 0::oid, 0, NULL, 10::oid`, kind))
		}
	}
	if len(selects) == 0 {
		return
	}
	r.ask(`SELECT o.kind, o.oid, o.number, a.grantee, lower(a.privilege_type), a.is_grantable
		FROM (`+strings.Join(selects, " UNION ALL ")+`) o(kind, oid, number, list, owner),
		LATERAL aclexplode(coalesce(o.list, acldefault(o.kind, o.owner))) a`, func(w *row) {
		kind, of := w.letter(), part{w.oid(), w.int()}
		e := entry{w.oid(), w.text(), w.flag()}
		if of.of == 0 {
			r.ownerHas[kind] = append(r.ownerHas[kind], e.privilege)
		} else if h := first[object{kind, of}]; h != nil {
			h.entries = append(h.entries, e)
		}
	})
}

// grant gives each object the privileges of its list.
func (r *reader) grant() {
	for a, h := range r.acls {
		grants := r.others(h.entries, a.owner)
		revoked := withoutOwn(r.ownerHas[a.kind], h.entries, a.owner)
		for _, on := range h.all {
			for _, g := range grants {
				own := g // each object's are its own
				*on.grants = append(*on.grants, &own)
			}
			if on.revoked != nil {
				*on.revoked = slices.Clone(revoked)
			}
		}
	}
}

// others are the privileges of others than the owner. The same privilege from two grantors is one.
func (r *reader) others(entries []entry, owner uint32) []pgschema.Grant {
	var grants []pgschema.Grant
	for _, e := range entries {
		if e.grantee == owner {
			continue
		}
		g := pgschema.Grant{Privilege: e.privilege, Grantee: r.grantee(e.grantee), GrantOption: e.grantable}
		if i := slices.IndexFunc(grants, func(known pgschema.Grant) bool { return known.Privilege == g.Privilege && known.Grantee == g.Grantee }); i >= 0 {
			grants[i].GrantOption = grants[i].GrantOption || g.GrantOption
			continue
		}
		grants = append(grants, g)
	}
	slices.SortFunc(grants, func(a, b pgschema.Grant) int {
		return cmp.Or(strings.Compare(a.Grantee, b.Grantee), strings.Compare(a.Privilege, b.Privilege))
	})
	return grants
}

// withoutOwn returns which privileges an owner has taken from itself.
func withoutOwn(all []string, entries []entry, owner uint32) []string {
	var revoked []string
	for _, privilege := range all {
		if !slices.ContainsFunc(entries, func(e entry) bool { return e.grantee == owner && e.privilege == privilege }) {
			revoked = append(revoked, privilege)
		}
	}
	slices.Sort(revoked)
	return revoked
}

var defaultObjects = map[byte]string{'r': "tables", 'S': "sequences", 'f': "functions", 'T': "types", 'n': "schemas"}

func (r *reader) queueDefaultPrivileges() {
	r.ask(`SELECT pg_get_userbyid(d.defaclrole), coalesce(n.nspname::text, ''), d.defaclobjtype,
			CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END, lower(a.privilege_type), a.is_grantable
		FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
		ORDER BY 1, 2, 3, 4, 5`, func(w *row) {
		d := &pgschema.DefaultPrivilege{Role: w.text(), Schema: w.text(), Objects: defaultObjects[w.letter()]}
		d.Grant.Grantee, d.Grant.Privilege, d.Grant.GrantOption = w.text(), w.text(), w.flag()
		if d.Objects != "" { // large objects have a letter too, since version 18
			r.schema.DefaultPrivileges = append(r.schema.DefaultPrivileges, d)
		}
	})
}
