package shadow

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// superusersObjects lists what the current user owns in the schemas of the team, as ALTER … OWNER TO takes it.
const superusersObjects = `
SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.oid::regclass)
FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner = current_user::regrole AND c.oid >= 16384 AND c.relpersistence <> 't'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
UNION ALL
SELECT format('ROUTINE %s', f.oid::regprocedure) FROM pg_proc f WHERE f.proowner = current_user::regrole AND f.oid >= 16384
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
UNION ALL
SELECT format('SCHEMA %I', n.nspname) FROM pg_namespace n WHERE n.nspowner = current_user::regrole AND n.oid >= 16384 AND n.nspname !~ '^pg_'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')`

// handOver gives the owner what a statement has made as the superuser, who only stepped in for a right that the owner
// lacks, such as that to call a function leakproof.
func (a *applier) handOver(ctx context.Context) error {
	if a.owner == a.base.User {
		return nil
	}
	if err := a.as(ctx, true); err != nil {
		return err
	}
	rows, err := a.conn.Query(ctx, superusersObjects)
	if err != nil {
		return err
	}
	objects, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := a.send(ctx, "ALTER "+object+" OWNER TO "+quote(a.owner)); err != nil {
			return err
		}
	}
	return nil
}
