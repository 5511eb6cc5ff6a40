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
	rows      float64
	bytes     int64
	analyzed  bool
	readable  bool
	distinct  float64
	nulls     float64
	values    []string
	fractions []float64
}

// tables takes the shares from the most common values of each tenant column.
func (r *skewReader) tables(ctx context.Context, tx pgx.Tx, tables []*classify.Table, s *pgschema.Schema) error {
	var shared []*classify.Table
	var schemas, names, columns []string
	for _, t := range tables {
		switch {
		case t.Class == classify.Child && t.Relation.PartitionOf == nil:
			r.unattributed++
		case t.Class == classify.Tenant:
			shared = append(shared, t)
			schemas, names, columns = append(schemas, t.Relation.Schema), append(names, t.Relation.Name.Name), append(columns, t.Column)
		}
	}
	if len(shared) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT w.n, s.reltuples::float8, s.bytes, has_column_privilege(s.oid, a.attnum, 'SELECT') AND NOT row_security_active(s.oid),
			p.attname IS NOT NULL, coalesce(p.n_distinct, 0)::float8, coalesce(p.null_frac, 0)::float8, p.most_common_vals::text::text[], p.most_common_freqs::float8[]
		FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY w(schema, name, col, n)
		JOIN pg_namespace ns ON ns.nspname = w.schema
		JOIN (`+sizes+`) s ON s.relnamespace = ns.oid AND s.relname = w.name
		JOIN pg_attribute a ON a.attrelid = s.oid AND a.attname = w.col
		LEFT JOIN pg_stats p ON p.schemaname = w.schema AND p.tablename = w.name AND p.attname = w.col AND p.inherited = (SELECT relkind = 'p' FROM pg_class WHERE oid = s.oid)
		ORDER BY w.n `+marker, pgx.QueryExecModeExec, schemas, names, columns)
	if err != nil {
		return err
	}
	byName := map[pgschema.Name]columnStatistics{}
	var n int
	var st columnStatistics
	_, err = pgx.ForEachRow(rows, []any{&n, &st.rows, &st.bytes, &st.readable, &st.analyzed, &st.distinct, &st.nulls, &st.values, &st.fractions}, func() error {
		byName[shared[n-1].Relation.Name] = st
		st.values, st.fractions = nil, nil
		return nil
	})
	if err != nil {
		return err
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
