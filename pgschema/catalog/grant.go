package catalog

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
)

// explode lists the privileges of an access control list. Without a list the built-in defaults hold;
// what the owner has by being the owner is left out. The same privilege from two grantors is one.
func explode(list, kind, owner string) string {
	return `(SELECT CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END AS grantee,
		lower(a.privilege_type) AS privilege, bool_or(a.is_grantable) AS grantable
		FROM aclexplode(coalesce(` + list + `, acldefault('` + kind + `', ` + owner + `))) a
		WHERE a.grantee <> ` + owner + ` GROUP BY 1, 2) g`
}

func (r *reader) queueGrants() {
	r.askGrants(`SELECT n.oid, n.nspname::text, g.* FROM pg_namespace n, LATERAL `+explode("n.nspacl", "n", "n.nspowner")+`
		WHERE USER_SCHEMAS ORDER BY 1, 3, 4`, func(_ uint32, name string) *[]*pgschema.Grant {
		if ns := r.schema.Namespaces[name]; ns != nil {
			return &ns.Grants
		}
		return nil
	})
	// acldefault has a letter of its own for sequences.
	for kind, relkinds := range map[string]string{"r": "'r', 'p', 'v', 'm', 'f'", "s": "'S'"} {
		r.askGrants(`SELECT c.oid, '', g.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL `+
			explode("c.relacl", kind, "c.relowner")+` WHERE USER_SCHEMAS AND c.relkind IN (`+relkinds+`) ORDER BY 1, 3, 4`,
			func(oid uint32, _ string) *[]*pgschema.Grant {
				if rel := r.relations[oid]; rel != nil {
					return &rel.Grants
				}
				return nil
			})
	}
	r.askGrants(`SELECT c.oid, t.attname::text, g.* FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL `+explode("t.attacl", "c", "c.relowner")+`
		WHERE USER_SCHEMAS AND t.attacl IS NOT NULL AND t.attnum > 0 AND NOT t.attisdropped ORDER BY 1, 2, 3, 4`,
		func(oid uint32, name string) *[]*pgschema.Grant {
			if rel := r.relations[oid]; rel != nil && rel.Column(name) != nil {
				return &rel.Column(name).Grants
			}
			return nil
		})
	r.askGrants(`SELECT f.oid, '', g.* FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace, LATERAL `+
		explode("f.proacl", "f", "f.proowner")+` WHERE USER_SCHEMAS ORDER BY 1, 3, 4`, func(oid uint32, _ string) *[]*pgschema.Grant {
		if f := r.functions[oid]; f != nil {
			return &f.Grants
		}
		return nil
	})
	r.askGrants(`SELECT t.oid, '', g.* FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace, LATERAL `+
		explode("t.typacl", "T", "t.typowner")+` WHERE USER_SCHEMAS AND t.typtype IN ('e', 'd', 'c', 'r')
		AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')) ORDER BY 1, 3, 4`, func(oid uint32, _ string) *[]*pgschema.Grant {
		if t := r.types[oid]; t != nil {
			return &t.Grants
		}
		return nil
	})
	r.queueOwnerRevoked()
	r.queueDefaultPrivileges()
}

// askGrants asks for privileges on objects; where says in which list those of an object belong.
func (r *reader) askGrants(query string, where func(oid uint32, name string) *[]*pgschema.Grant) {
	r.ask(query, func(row pgx.Rows) error {
		var oid uint32
		var name string
		g := &pgschema.Grant{}
		if err := row.Scan(&oid, &name, &g.Grantee, &g.Privilege, &g.GrantOption); err != nil {
			return err
		}
		if list := where(oid, name); list != nil {
			*list = append(*list, g)
		}
		return nil
	})
}

var defaultObjects = map[string]string{"r": "tables", "S": "sequences", "f": "functions", "T": "types", "n": "schemas"}

func (r *reader) queueDefaultPrivileges() {
	r.ask(`SELECT pg_get_userbyid(d.defaclrole)::text, coalesce(n.nspname::text, ''), d.defaclobjtype::text,
			CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END, a.privilege_type, a.is_grantable
		FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
		ORDER BY 1, 2, 3, 4, 5`, func(row pgx.Rows) error {
		var kind string
		d := &pgschema.DefaultPrivilege{}
		if err := row.Scan(&d.Role, &d.Schema, &kind, &d.Grant.Grantee, &d.Grant.Privilege, &d.Grant.GrantOption); err != nil {
			return err
		}
		if d.Objects = defaultObjects[kind]; d.Objects == "" {
			return nil // large objects, since version 18
		}
		d.Grant.Privilege = strings.ToLower(d.Grant.Privilege)
		r.schema.DefaultPrivileges = append(r.schema.DefaultPrivileges, d)
		return nil
	})
}
