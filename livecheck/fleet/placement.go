package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Bounds of what is read to find tenants.
const (
	// maxTenants of a table are looked at.
	maxTenants = 50_000
	// smallTable is the size in pages up to which a table without a suitable index is read whole.
	smallTable = 1000
)

// readPlacements finds the tenants whose rows are in a database that the routing does not give them.
func (f *Fleet) readPlacements(ctx context.Context, conn *pgx.Conn, r *routes, schemas []string) error {
	db := f.Databases[0]
	if !r.known() {
		return nil
	}
	given := r.tenants[db.Name]
	found := map[string][]string{} // tables by tenant
	for _, t := range db.Audit.Classes.Tables() {
		if t.Class != classify.Tenant || t.Relation.PartitionOf != nil || t.Relation.Kind == pgschema.ForeignTable || t.Column == "" {
			continue
		}
		tenants, why, err := tenantsOf(ctx, conn, t)
		if err != nil {
			return err
		}
		if why != "" {
			db.Result.Undecided = append(db.Result.Undecided, finding.Undecided{Object: t.Relation.Name.String(), Code: "placement-unread", Reason: why})
		}
		for _, tenant := range tenants {
			if !slices.Contains(given, tenant) {
				found[tenant] = append(found[tenant], t.Relation.Name.String())
			}
		}
	}
	for _, schema := range schemas {
		if tenant := r.tenantOf(schema); tenant != "" && !slices.Contains(given, tenant) {
			found[tenant] = append(found[tenant], "schema "+schema)
		}
	}
	for _, tenant := range slices.Sorted(maps.Keys(found)) {
		f.Placements = append(f.Placements, Placement{Tenant: tenant, Database: db.Name, Routed: slices.Sorted(slices.Values(r.databases[tenant])), Tables: found[tenant],
			Alone: len(given) == 1})
	}
	return nil
}

// tenantOf returns the tenant that a schema is named after, such as 17 of tenant_17; empty when the routing
// knows none of that name.
func (r *routes) tenantOf(schema string) string {
	_, tail, _ := strings.Cut(schema, "_")
	for _, name := range []string{schema, tail} {
		if r.databases[name] != nil {
			return name
		}
	}
	return ""
}

// tenantsOf lists the tenants with rows in a table: by one step of the index for each tenant, or all rows
// of a small table. Why says why the list is not whole.
func tenantsOf(ctx context.Context, conn *pgx.Conn, t *classify.Table) (tenants []string, why string, err error) {
	tx, err := catalog.Begin(ctx, conn, pgx.ReadCommitted)
	if err != nil {
		return nil, "", err
	}
	defer tx.Rollback(ctx) // it has written nothing
	name, column := quoted(t.Relation.Name), pgx.Identifier{t.Column}.Sanitize()
	var pages int
	var hidden, readable bool
	err = tx.QueryRow(ctx, `SELECT coalesce((SELECT sum(c.relpages) FROM pg_partition_tree(o.oid) p JOIN pg_class c ON c.oid = p.relid), o.relpages)::int,
			o.relrowsecurity AND row_security_active(o.oid), has_column_privilege(o.oid, $3, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
		FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE n.nspname = $1 AND o.relname = $2 `+catalog.Marker,
		pgx.QueryExecModeExec, t.Relation.Schema, t.Relation.Name.Name, t.Column).Scan(&pages, &hidden, &readable)
	switch {
	case err != nil:
		return nil, "", err
	case !readable:
		return nil, "the role of the audit may not read the tenant column, so it is not known whose rows the table holds", nil
	case hidden:
		return nil, "row-level security hides rows from the role of the audit, so it is not known whose the table holds: audit as a role with BYPASSRLS", nil
	case !leads(t) && pages > smallTable:
		return nil, "no index leads with the tenant, and the table is too large to read whole, so it is not known whose rows it holds", nil
	}
	query := fmt.Sprintf(`SELECT DISTINCT %s::text FROM %s WHERE %[1]s IS NOT NULL LIMIT %[3]d`, column, name, maxTenants)
	if leads(t) {
		query = fmt.Sprintf(`WITH RECURSIVE tenant(id) AS (
				(SELECT %[1]s FROM %[2]s WHERE %[1]s IS NOT NULL ORDER BY %[1]s LIMIT 1)
			UNION ALL
				SELECT (SELECT t.%[1]s FROM %[2]s t WHERE t.%[1]s > tenant.id ORDER BY t.%[1]s LIMIT 1) FROM tenant WHERE tenant.id IS NOT NULL
			) SELECT id::text FROM tenant WHERE id IS NOT NULL LIMIT %[3]d`, column, name, maxTenants)
	}
	rows, err := tx.Query(ctx, query+" "+catalog.Marker, pgx.QueryExecModeExec)
	if err == nil {
		tenants, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && !conn.IsClosed():
		return nil, fmt.Sprintf("it is not known whose rows the table holds: %s (%s)", refused.Message, refused.Code), nil
	case err == nil && len(tenants) == maxTenants:
		why = fmt.Sprintf("only the first %d tenants were looked at", maxTenants)
	}
	return tenants, why, err
}

// leads reports whether an index over all rows begins with the tenant.
func leads(t *classify.Table) bool {
	return slices.ContainsFunc(t.Relation.Indexes, func(i *pgschema.Index) bool {
		return i.Method == "btree" && i.Where == nil && !i.Invalid && len(i.Columns) > 0 && i.Columns[0] == t.Column
	})
}

// misplaced reports the tenants whose rows are where they should not be.
func (f *Fleet) misplaced() []finding.Finding {
	var findings []finding.Finding
	for _, p := range f.Placements {
		object := p.Database + ": tenant " + p.Tenant
		where := "gives it " + strings.Join(few(p.Routed), ", ")
		if len(p.Routed) == 0 {
			where = "does not know it"
		}
		tables := fmt.Sprintf("%d tables hold rows", len(p.Tables))
		if len(p.Tables) == 1 {
			tables = p.Tables[0] + " holds rows"
		}
		fd := finding.New("tenant-misplaced", finding.Position{}, object,
			"%s of tenant %s in %s, but the routing %s: no request of the tenant reaches them, and no deletion", tables, p.Tenant, p.Database, where)
		if p.Alone {
			fd.Message += "; another tenant has the database to itself, whose statements read them"
		} else {
			fd.Severity = finding.Warning
		}
		fd.Evidence = []string{"in " + strings.Join(p.Tables, ", ")}
		fd.Fix = &finding.Fix{Message: "move the rows to where the tenant is, or delete them when they are left from a move"}
		findings = append(findings, fd)
	}
	return findings
}

// twice reports the tenants that the routing gives several databases.
func (r *routes) twice(file *tenancy.Fleet) []finding.Finding {
	at := finding.Position{File: file.File} // without a line, which a report would show with all that stands in it
	var findings []finding.Finding
	for _, tenant := range slices.Sorted(maps.Keys(r.databases)) {
		databases := slices.Sorted(slices.Values(r.databases[tenant]))
		if len(databases) < 2 {
			continue
		}
		fd := finding.New("tenant-placed-twice", at, "tenant "+tenant,
			"the routing gives tenant %s the databases %s: which of them a request reads and writes is left to chance", tenant, strings.Join(few(databases), ", "))
		fd.Fix = &finding.Fix{Message: "leave the tenant one row in the routing table, and make the tenant its primary key"}
		findings = append(findings, fd)
	}
	return findings
}
