package catalog

import "github.com/jackc/pgx/v5"

// queueOwnerRevoked asks which of its privileges the owner of a relation has taken from itself.
func (r *reader) queueOwnerRevoked() {
	// What acldefault lists for a relation is the owner's entry alone; few relations lack it.
	const byDefault = `acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)`
	r.ask(`SELECT c.oid, lower(d.privilege_type) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
			LATERAL aclexplode(`+byDefault+`) d
		WHERE USER_SCHEMAS AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT c.relacl @> (`+byDefault+`)[1] AND d.grantee = c.relowner
			AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = c.relowner AND a.privilege_type = d.privilege_type)
		ORDER BY 1, 2`, func(row pgx.Rows) error {
		var oid uint32
		var privilege string
		if err := row.Scan(&oid, &privilege); err != nil {
			return err
		}
		if rel := r.relations[oid]; rel != nil {
			rel.OwnerRevoked = append(rel.OwnerRevoked, privilege)
		}
		return nil
	})
}
