package livecheck

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// columnStatistics is what ANALYZE noted of one tenant column.
type columnStatistics struct {
	found     bool // the table is there still
	rows      float64
	bytes     int64
	analyzed  bool
	readable  bool
	distinct  float64
	nulls     float64
	values    []string
	fractions []float64
}

// columnName is a column of a table.
type columnName struct {
	table  pgschema.Name
	column string
}

// tables takes the shares from the most common values of each tenant column.
func (r *skewReader) tables(ctx context.Context, tx pgx.Tx, tables []*classify.Table, s *pgschema.Schema) error {
	var shared []*classify.Table
	wanted := map[columnName]*columnStatistics{}
	var columns []string
	for _, t := range tables {
		switch {
		case t.Class == classify.Child && t.Relation.PartitionOf == nil:
			r.unattributed++
		case t.Class == classify.Tenant:
			shared = append(shared, t)
			wanted[columnName{t.Relation.Name, t.Column}] = &columnStatistics{}
			columns = append(columns, t.Column)
		}
	}
	if len(shared) == 0 {
		return nil
	}
	slices.Sort(columns)
	if err := r.statistics(ctx, tx, wanted, slices.Compact(columns), s); err != nil {
		return err
	}
	byName := map[pgschema.Name]columnStatistics{}
	for c, st := range wanted {
		if st.found {
			byName[c.table] = *st
		}
	}
	leaves := leavesByRoot(s)
	for _, t := range shared {
		if t.Relation.PartitionOf == nil {
			r.add(t, byName, leaves[t.Relation.Name], s)
		}
	}
	r.unknown("the time of a tenant's statements: pg_stat_statements knows no tenant; a log with log_min_duration_statement and %%Q in log_line_prefix has the parameters of each statement")
	return nil
}

// statistics reads what there is on columns of the given names. Each question goes through a catalog once
// and is matched here: the planner takes a list of names for a short one, and would go through the
// statistics for each of thousands of tables.
func (r *skewReader) statistics(ctx context.Context, tx pgx.Tx, wanted map[columnName]*columnStatistics, columns []string, s *pgschema.Schema) error {
	var at columnName
	var st columnStatistics
	rows, err := tx.Query(ctx, `SELECT n.nspname::text, c.relname::text, a.attname::text, has_column_privilege(c.oid, a.attnum, 'SELECT') AND NOT row_security_active(c.oid)
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE a.attname = ANY($1::text[]::name[]) AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm') `+marker, pgx.QueryExecModeExec, columns)
	if err != nil {
		return err
	}
	byTable := map[pgschema.Name][]*columnStatistics{}
	_, err = pgx.ForEachRow(rows, []any{&at.table.Schema, &at.table.Name, &at.column, &st.readable}, func() error {
		if known := wanted[at]; known != nil {
			known.readable = st.readable
			byTable[at.table] = append(byTable[at.table], known)
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `SELECT n.nspname::text, s.relname::text, s.reltuples::float8, s.bytes
		FROM (`+sizes+`) s JOIN pg_namespace n ON n.oid = s.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' `+marker, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&at.table.Schema, &at.table.Name, &st.rows, &st.bytes}, func() error {
		for _, known := range byTable[at.table] {
			known.rows, known.bytes, known.found = st.rows, st.bytes, true
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `SELECT schemaname::text, tablename::text, attname::text, inherited, n_distinct::float8, null_frac::float8, most_common_vals::text::text[], most_common_freqs::float8[]
		FROM pg_stats WHERE attname = ANY($1::text[]::name[]) `+marker, pgx.QueryExecModeExec, columns)
	if err != nil {
		return err
	}
	var inherited bool
	_, err = pgx.ForEachRow(rows, []any{&at.table.Schema, &at.table.Name, &at.column, &inherited, &st.distinct, &st.nulls, &st.values, &st.fractions}, func() error {
		known, relation := wanted[at], s.Relations[at.table]
		if known != nil && relation != nil && inherited == (relation.Kind == pgschema.PartitionedTable) {
			known.distinct, known.nulls, known.values, known.fractions, known.analyzed = st.distinct, st.nulls, st.values, st.fractions, true
		}
		st.values, st.fractions = nil, nil
		return nil
	})
	return err
}

// add takes one table, with its partitions.
func (r *skewReader) add(t *classify.Table, byName map[pgschema.Name]columnStatistics, leaves []*pgschema.Relation, s *pgschema.Schema) {
	skew := TableSkew{Table: t.Relation.Name.String(), Column: t.Column, Partitioned: slices.Contains(t.Relation.PartitionKey, t.Column)}
	root, ok := byName[t.Relation.Name]
	if !ok {
		return // dropped since the catalog was read
	}
	parts := []columnStatistics{root}
	if len(leaves) > 0 {
		parts = parts[:0]
		for _, leaf := range leaves {
			skew.Partitioned = skew.Partitioned || slices.Contains(s.Relations[*leaf.PartitionOf].PartitionKey, t.Column)
			parts = append(parts, byName[leaf.Name])
		}
	}
	rows := map[string]float64{}
	for _, p := range parts {
		skew.Rows += int64(max(p.rows, 0))
		skew.Bytes += p.bytes
		switch {
		case p.rows < 0:
			skew.Unknown = "it was never analyzed: ANALYZE " + quote(t.Relation.Schema) + "." + quote(t.Relation.Name.Name) + ";"
		case p.rows > 0 && !p.readable && !p.analyzed:
			skew.Unknown = "row-level security or a missing privilege hides its statistics from this role: connect as an auditor (tenantvet audit --print-role)"
		case p.rows > 0 && !p.analyzed:
			skew.Unknown = "no statistics: ANALYZE " + quote(t.Relation.Schema) + "." + quote(t.Relation.Name.Name) + ";"
		}
		for i, value := range p.values {
			rows[value] += p.fractions[i] * p.rows
		}
		skew.Number = max(skew.Number, p.number())
	}
	// Partitions that were analyzed one by one do not tell how many tenants there are in all; a root does.
	skew.Number = max(skew.Number, root.number(), int64(len(rows)))
	if skew.Unknown == "" {
		for _, value := range slices.Sorted(maps.Keys(rows)) {
			share := rows[value] / float64(max(skew.Rows, 1))
			skew.Tenants = append(skew.Tenants, TenantShare{
				Tenant: value, Rows: int64(rows[value]), Bytes: int64(share * float64(skew.Bytes)), Share: share, ByteShare: share,
			})
		}
		slices.SortStableFunc(skew.Tenants, func(a, b TenantShare) int { return cmp.Compare(b.Rows, a.Rows) })
	}
	r.skew.Tables = append(r.skew.Tables, skew)
}

// number is how many tenants a column holds: negative estimates are a share of the rows.
func (s columnStatistics) number() int64 {
	if s.distinct < 0 {
		return int64(-s.distinct * max(s.rows, 0))
	}
	return int64(s.distinct)
}

// leavesByRoot returns the partitions that hold rows by the table at the top.
func leavesByRoot(s *pgschema.Schema) map[pgschema.Name][]*pgschema.Relation {
	leaves := map[pgschema.Name][]*pgschema.Relation{}
	for _, r := range s.Sorted() {
		if r.Kind != pgschema.Table || r.PartitionOf == nil {
			continue
		}
		root := r
		for root.PartitionOf != nil && s.Relations[*root.PartitionOf] != nil {
			root = s.Relations[*root.PartitionOf]
		}
		leaves[root.Name] = append(leaves[root.Name], r)
	}
	return leaves
}
