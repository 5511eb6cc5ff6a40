package prove

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ownSchemas returns a schema in which the role may make tables of its own, or nothing.
const ownSchemas = `SELECT nspname::text FROM pg_namespace WHERE has_schema_privilege($1, oid, 'CREATE') AND nspname !~ '^pg_' ORDER BY nspname LIMIT 1`

// tryOwnReference lets a role that may refer to a table, and does not own it, do so from a table of its own: foreign keys see all rows, so
// what it may insert there tells which keys other tenants have.
func (p *prover) tryOwnReference(ctx context.Context, t *table) error {
	if !t.stores() || len(t.rows[tenantB]) == 0 {
		return nil
	}
	var schema string
	switch err := p.admin.QueryRow(ctx, ownSchemas, p.role).Scan(&schema); {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	for _, index := range t.rel.Indexes {
		if !index.Unique || index.Where != nil || len(index.Columns) != 1 || t.column(index.Columns[0]) == nil || t.tenantColumn(index.Columns[0]) {
			continue
		}
		column := t.column(index.Columns[0])
		var may bool
		err := p.admin.QueryRow(ctx, "SELECT has_column_privilege($1, oid, $3, 'REFERENCES') AND NOT pg_has_role($1, relowner, 'MEMBER') FROM pg_class WHERE oid = $2::regclass", p.role, t.sql(), column.name).Scan(&may)
		if err != nil {
			return err
		}
		if !may {
			continue
		}
		own := quoteName(schema) + ".tenantvet_probe"
		probe := script(fmt.Sprintf("CREATE TABLE %s (x %s REFERENCES %s (%s))", own, column.sqlType, t.sql(), quoteName(column.name)),
			fmt.Sprintf("INSERT INTO %s VALUES (%s)", own, constant(t.rows[tenantB][0][column.name])))
		with, err := p.attempt(ctx, p.states[0], probe)
		if err != nil {
			return err
		}
		without, err := p.attempt(ctx, p.states[0], probe, p.clear(t, tenantB)...)
		if err != nil {
			return err
		}
		if code(with.result) != code(without.result) {
			p.cell(t.rel.Name.String(), t.kind(), Reference, Refuted, "a foreign key of a table of its own tells which keys other tenants have", with.script...)
			return nil
		}
		p.cell(t.rel.Name.String(), t.kind(), Reference, Proved, "the role may refer to the table, but learns nothing by it")
	}
	return nil
}
