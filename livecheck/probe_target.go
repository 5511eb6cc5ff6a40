package livecheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// target is a relation that is probed.
type target struct {
	relation *pgschema.Relation
	table    *classify.Table // nil for a view
	// column tells the tenant of a row; empty in a child table.
	column string
	rights rights
	// sources are the tables of tenants that a view reads.
	sources []*target
	// tenants have rows here, as the connection's own role sees, or as the user says where there is a gap.
	tenants []string
	// rows are conditions, one for each tenant, that hold for rows of that tenant.
	rows  []string
	cells []*Probe
	// gap says why it is not known which tenants have rows here.
	gap string
}

// rights are what two roles may do with a relation: the service's, and the connection's own.
type rights struct {
	reach     bool // the service's role may use the schema
	readable  []string
	insert    bool
	delete    bool
	updatable string // a column that the service's role may UPDATE
	visible   []string
}

func (t *target) sql() string { return quote(t.relation.Schema) + "." + quote(t.relation.Name.Name) }

// rightsQuery asks for the rights of the role $1 and of the connection's own, on the columns $2 where
// that depends on columns.
const rightsQuery = `
SELECT n.nspname::text, c.relname::text, has_schema_privilege(r.oid, n.oid, 'USAGE'),
	array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY ($2::text[]) AND NOT a.attisdropped
		AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')),
	has_any_column_privilege(r.oid, c.oid, 'INSERT'), has_table_privilege(r.oid, c.oid, 'DELETE'),
	CASE WHEN has_any_column_privilege(r.oid, c.oid, 'UPDATE') THEN coalesce((SELECT a.attname::text FROM pg_attribute a
		WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
		AND has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE') ORDER BY a.attname = ANY ($2::text[]), a.attnum LIMIT 1), '') ELSE '' END,
	CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN
		array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY ($2::text[]) AND NOT a.attisdropped
		AND has_column_privilege(c.oid, a.attnum, 'SELECT')) ELSE '{}' END
FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rolname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' `

// viewsQuery names the relations that each view reads directly.
const viewsQuery = `
SELECT DISTINCT vn.nspname::text, v.relname::text, n.nspname::text, c.relname::text
FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class JOIN pg_namespace vn ON vn.oid = v.relnamespace
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE v.relkind IN ('v', 'm') AND vn.nspname !~ '^pg_' AND vn.nspname <> 'information_schema' `

// findTargets collects the tables of tenants and the views of them, in order of name.
func (p *prober) findTargets(ctx context.Context) error {
	schema, classes := p.audit.Schema, p.audit.Classes
	var columns []string
	byName := map[pgschema.Name]*target{}
	for _, r := range schema.Sorted() {
		if t := targetOf(r, classes, p.audit.Model.IsTenantColumn); t != nil && r.Extension == "" {
			byName[r.Name] = t
			p.targets = append(p.targets, t)
			columns = append(columns, t.column)
			if t.table != nil && t.table.Via != nil {
				columns = append(append(columns, t.table.Via.Columns...), t.table.Via.RefColumns...)
			}
		}
	}
	slices.Sort(columns)
	p.columns = slices.Compact(columns)
	tx, err := begin(ctx, p.conn)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // it has written nothing
	err = tx.QueryRow(ctx, "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user "+marker, pgx.QueryExecModeExec).Scan(&p.bound)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, viewsQuery+marker, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	var name, source pgschema.Name
	reads := map[pgschema.Name][]pgschema.Name{}
	_, err = pgx.ForEachRow(rows, []any{&name.Schema, &name.Name, &source.Schema, &source.Name}, func() error {
		reads[name] = append(reads[name], source)
		return nil
	})
	for _, t := range p.targets {
		if t.table == nil {
			t.sources = sourcesOf(t.relation.Name, reads, byName, map[pgschema.Name]bool{})
		}
	}
	p.targets = slices.DeleteFunc(p.targets, func(t *target) bool { return t.table == nil && len(t.sources) == 0 })
	return err
}

// findRights asks what the role, and the connection's own, may do with the targets.
func (p *prober) findRights(ctx context.Context) error {
	byName := map[pgschema.Name]*target{}
	for _, t := range p.targets {
		byName[t.relation.Name] = t
	}
	tx, err := begin(ctx, p.conn)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // it has written nothing
	rows, err := tx.Query(ctx, rightsQuery+marker, pgx.QueryExecModeExec, p.role, p.columns)
	if err != nil {
		return err
	}
	var name pgschema.Name
	var may rights
	_, err = pgx.ForEachRow(rows, []any{&name.Schema, &name.Name, &may.reach, &may.readable, &may.insert, &may.delete, &may.updatable, &may.visible}, func() error {
		if t := byName[name]; t != nil {
			t.rights = may
		}
		may = rights{}
		return nil
	})
	return err
}

// targetOf says what of a relation can be probed; nil for one that concerns no tenant.
func targetOf(r *pgschema.Relation, classes *classify.Classes, isTenant func(string) bool) *target {
	switch r.Kind {
	case pgschema.View, pgschema.MaterializedView:
		for _, c := range r.Columns {
			if isTenant(c.Name) {
				return &target{relation: r, column: c.Name}
			}
		}
		return nil
	}
	t := classes.Get(r)
	switch {
	case t == nil:
		return nil
	case t.Class == classify.Tenant, t.Class == classify.Registry && r.RowSecurity:
		return &target{relation: r, table: t, column: t.Column}
	case t.Class == classify.Child && t.Via != nil && t.Parent != nil:
		return &target{relation: r, table: t}
	}
	return nil
}

// hasTenants reports whether the rows of a table belong to tenants.
func hasTenants(t *classify.Table) bool {
	return t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry
}

// sourcesOf follows a view through those that it reads.
func sourcesOf(view pgschema.Name, reads map[pgschema.Name][]pgschema.Name, byName map[pgschema.Name]*target, seen map[pgschema.Name]bool) []*target {
	var sources []*target
	for _, name := range reads[view] {
		if seen[name] {
			continue
		}
		seen[name] = true
		if t := byName[name]; t != nil && t.table != nil {
			sources = append(sources, t)
		} else {
			sources = append(sources, sourcesOf(name, reads, byName, seen)...)
		}
	}
	return sources
}

// keys are the columns by which the rows of a target are told apart: the tenant's, or a child's way to
// its parent.
func (t *target) keys() []string {
	if t.column == "" {
		return t.table.Via.Columns
	}
	return []string{t.column}
}

func (t *target) mayRead() bool {
	return t.rights.reach && !slices.ContainsFunc(t.keys(), func(c string) bool { return !slices.Contains(t.rights.readable, c) })
}

// exists writes an expression that is true when a row meets a condition.
func (t *target) exists(condition string) string {
	return fmt.Sprintf("EXISTS (SELECT FROM %s WHERE %s)", t.sql(), condition)
}

func quoteAll(names []string, prefix string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = prefix + quote(n)
	}
	return strings.Join(quoted, ", ")
}
