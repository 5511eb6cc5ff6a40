package livecheck

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// ReadSkew reads the shares of the tenants from the statistics. The workload may be nil.
func ReadSkew(ctx context.Context, conn *pgx.Conn, db *classify.Classes, s *pgschema.Schema, m *tenancy.Model, w *Workload) (*Skew, error) {
	tx, err := begin(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx) // it has written nothing
	reader := &skewReader{skew: &Skew{}, workload: w, model: m}
	switch schemas := db.TenantSchemas(s, m); {
	case m.Pattern == tenancy.DatabasePerTenant && !m.IsInferred("pattern"):
		err = reader.database(ctx, tx)
	case len(schemas) > 0:
		err = reader.schemas(ctx, tx, schemas)
	default:
		err = reader.tables(ctx, tx, db.Tables(), s)
	}
	if err != nil {
		return nil, err
	}
	return reader.finish(), nil
}

// skewReader collects the shares of one database.
type skewReader struct {
	skew     *Skew
	workload *Workload
	model    *tenancy.Model
	// unattributed counts tables that have no tenant column of their own.
	unattributed int
}

// sizes are rows and bytes by relation, with the indexes and the TOAST table of each. Functions that
// measure wait for locks; what VACUUM and ANALYZE noted does not.
const sizes = `
SELECT t.oid, t.relnamespace, t.relname, t.reltuples,
	current_setting('block_size')::bigint * (t.relpages + coalesce(o.relpages, 0) + coalesce(oi.pages, 0) + coalesce(i.pages, 0)) AS bytes
FROM pg_class t
LEFT JOIN pg_class o ON o.oid = t.reltoastrelid
LEFT JOIN (SELECT x.indrelid, sum(c.relpages) AS pages FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid GROUP BY 1) i ON i.indrelid = t.oid
LEFT JOIN (SELECT x.indrelid, sum(c.relpages) AS pages FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid GROUP BY 1) oi ON oi.indrelid = o.oid
WHERE t.relkind IN ('r', 'p', 'm')`

// database takes the whole database as the tenant's.
func (r *skewReader) database(ctx context.Context, tx pgx.Tx) error {
	var t TenantShare
	err := tx.QueryRow(ctx, `SELECT current_database()::text, coalesce(sum(greatest(s.reltuples, 0)), 0)::bigint, coalesce(sum(s.bytes), 0)::bigint
		FROM (`+sizes+`) s JOIN pg_namespace n ON n.oid = s.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' `+marker,
		pgx.QueryExecModeExec).Scan(&t.Tenant, &t.Rows, &t.Bytes)
	if r.workload != nil {
		t.Milliseconds = r.workload.total
	}
	r.skew.Tenants = []TenantShare{t}
	return err
}

// schemas takes each schema as a tenant's. The role that owns one schema and no other is the tenant's too.
func (r *skewReader) schemas(ctx context.Context, tx pgx.Tx, schemas []string) error {
	rows, err := tx.Query(ctx, `SELECT n.nspname::text, n.nspowner::regrole::text, coalesce(sum(greatest(s.reltuples, 0)), 0)::bigint,
			coalesce(sum(s.bytes), 0)::bigint, count(*) FILTER (WHERE s.reltuples < 0)
		FROM pg_namespace n LEFT JOIN (`+sizes+`) s ON s.relnamespace = n.oid WHERE n.nspname = ANY($1) GROUP BY 1, 2 `+marker,
		pgx.QueryExecModeExec, schemas)
	if err != nil {
		return err
	}
	owners := map[string][]int{}
	var t TenantShare
	var owner string
	var never, unread int
	_, err = pgx.ForEachRow(rows, []any{&t.Tenant, &owner, &t.Rows, &t.Bytes, &never}, func() error {
		owners[owner] = append(owners[owner], len(r.skew.Tenants))
		r.skew.Tenants = append(r.skew.Tenants, t)
		unread += never
		return nil
	})
	if unread > 0 {
		r.unknown("%d tables were never analyzed, so their rows are missing: ANALYZE;", unread)
	}
	known := false
	if r.workload != nil {
		for _, e := range r.workload.entries {
			if at := owners[e.role]; len(at) == 1 && !e.superuser {
				r.skew.Tenants[at[0]].Milliseconds += e.total
				known = true
			}
		}
	}
	if !known {
		r.unknown("the time of each tenant's statements is known only where each schema has a role of its own that owns it and connects")
	}
	return err
}

func (r *skewReader) unknown(format string, args ...any) {
	r.skew.Unknown = append(r.skew.Unknown, fmt.Sprintf(format, args...))
}

// finish sums up over the tables and sorts.
func (r *skewReader) finish() *Skew {
	s := r.skew
	sums := map[string]*TenantShare{}
	for i := range s.Tenants {
		sums[s.Tenants[i].Tenant] = &s.Tenants[i]
		s.Rows, s.Bytes = s.Rows+s.Tenants[i].Rows, s.Bytes+s.Tenants[i].Bytes
	}
	hidden := 0
	for _, t := range s.Tables {
		s.Rows, s.Bytes = s.Rows+t.Rows, s.Bytes+t.Bytes
		if t.Unknown != "" {
			hidden++
		}
		for _, share := range t.Tenants {
			if sums[share.Tenant] == nil {
				sums[share.Tenant] = &TenantShare{Tenant: share.Tenant}
			}
			sums[share.Tenant].Rows += share.Rows
			sums[share.Tenant].Bytes += share.Bytes
		}
	}
	s.Tenants = nil
	for _, t := range sums {
		t.Share, t.ByteShare = float64(t.Rows)/float64(max(s.Rows, 1)), float64(t.Bytes)/float64(max(s.Bytes, 1))
		if r.workload != nil && r.workload.total > 0 {
			t.TimeShare = t.Milliseconds / r.workload.total
		}
		s.Tenants = append(s.Tenants, *t)
	}
	slices.SortFunc(s.Tenants, func(a, b TenantShare) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Tenant, b.Tenant))
	})
	slices.SortStableFunc(s.Tables, func(a, b TableSkew) int { return cmp.Compare(b.Bytes, a.Bytes) })
	if hidden > 0 {
		r.unknown("%d of %d tables have no statistics that this role may read", hidden, len(s.Tables))
	}
	if r.unattributed > 0 {
		r.unknown("%d tables have no tenant column of their own: their rows count for nobody here", r.unattributed)
	}
	if len(s.Tables) > 0 {
		r.unknown("space inside a shared table is divided by rows: a tenant with wider rows takes more than it says; small tenants are not in the statistics at all")
	}
	return s
}
