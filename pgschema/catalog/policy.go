package catalog

import "github.com/tenantvet/tenantvet/pgschema"

var commands = map[byte]string{'*': "all", 'r': "select", 'a': "insert", 'w': "update", 'd': "delete"}

func (r *reader) queuePolicies() {
	r.ask(`SELECT p.oid, p.polrelid, p.polname, p.polcmd, p.polpermissive, p.polroles, `+
		policyUsing.digest("p")+`, `+policyCheck.digest("p")+` FROM pg_policy p`, func(w *row) {
		id, oid := w.oid(), w.oid()
		rel := r.relations[oid]
		if rel == nil {
			return
		}
		p := &pgschema.Policy{Name: w.text(), Command: commands[w.letter()], Permissive: w.flag()}
		for _, role := range w.oids() {
			p.Roles = append(p.Roles, r.grantee(role))
		}
		about := subject{kind: "policy", name: p.Name, on: rel.Relation}
		r.later(policyUsing, id, oid, w.digest(), about, &p.Using)
		r.later(policyCheck, id, oid, w.digest(), about, &p.Check)
		rel.policies = append(rel.policies, numbered[*pgschema.Policy]{id, p})
	})
}
