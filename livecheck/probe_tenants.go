package livecheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
)

const (
	// sampled is how many rows of a table are looked at for tenants.
	sampled = 200
	// mostTenants is how many tenants of a table are tried.
	mostTenants = 3
	// chunk is how many tables one statement looks at. Each takes some three locks, of which a server
	// has 64 for each connection by default.
	chunk = 50
)

// findTenants finds, in each table that the connection's own role may read, tenants that have rows.
func (p *prober) findTenants(ctx context.Context) error {
	var tables []*target
	for _, t := range p.targets {
		switch {
		case t.table == nil:
		case slices.ContainsFunc(t.keys(), func(c string) bool { return !slices.Contains(t.rights.visible, c) }):
			t.gap = "role " + p.audit.Role + " may not see whose rows there are: audit --print-role makes one that may"
		case t.relation.RowSecurity && p.bound:
			t.gap = "the policies bind role " + p.audit.Role + ", so it does not see whose rows there are: audit --print-role makes one that does"
		default:
			tables = append(tables, t)
		}
	}
	for part := range slices.Chunk(tables, chunk) {
		if err := p.sample(ctx, part); err != nil {
			return err
		}
	}
	for _, t := range p.targets {
		if t.gap != "" && t.column != "" {
			t.adopt(p.tenants)
		}
		for _, s := range t.sources {
			if len(s.tenants) > len(t.tenants) && s.column != "" {
				t.adopt(s.tenants)
				t.gap = s.gap
			}
		}
	}
	return nil
}

// sample looks at several tables at once, and at each by itself where one of them is in the way.
func (p *prober) sample(ctx context.Context, tables []*target) error {
	queries := make([]string, len(tables))
	for i, t := range tables {
		queries[i] = fmt.Sprintf("SELECT %d, found.* FROM (%s) found", i, p.look(t))
	}
	var refused *pgconn.PgError
	err := send(ctx, p.conn, &attempt{"READ ONLY", p.own, []*step{{
		sql: strings.Join(queries, "\nUNION ALL "),
		take: func(answer *pgconn.Result, failed *pgconn.PgError) {
			if refused = failed; failed != nil {
				return
			}
			for _, row := range answer.Rows {
				var i int
				fmt.Sscan(string(row[0]), &i)
				tables[i].found(string(row[1]), string(row[2]))
			}
		},
	}}})
	switch {
	case err != nil || refused == nil:
		return err
	case len(tables) == 1:
		tables[0].gap = said(refused)
		return nil
	}
	for _, t := range tables {
		if err := p.sample(ctx, []*target{t}); err != nil {
			return err
		}
	}
	return nil
}

// look writes a query of tenants with rows in a table, and of a condition on rows of each. Where an index
// leads with the tenant, the first and the last tenant are found by it, else those of some rows.
func (p *prober) look(t *target) string {
	if t.column == "" {
		return p.lookBelow(t)
	}
	column := quote(t.column)
	named := make([]string, len(p.tenants))
	for i, tenant := range p.tenants {
		named[i] = fmt.Sprintf("SELECT %s AS tenant WHERE %s", literal(tenant), t.exists(column+" = "+literal(tenant)))
	}
	from := strings.Join(named, " UNION ALL ")
	if len(named) == 0 {
		from = fmt.Sprintf("SELECT DISTINCT tenant FROM (SELECT %s::text AS tenant FROM %s WHERE %s IS NOT NULL LIMIT %d) rows", column, t.sql(), column, sampled)
		if leads(t.relation, t.column) {
			one := "(SELECT %[1]s::text AS tenant FROM %[2]s WHERE %[1]s IS NOT NULL ORDER BY %[1]s%[3]s LIMIT 1)"
			from += " UNION " + fmt.Sprintf(one, column, t.sql(), "") + " UNION " + fmt.Sprintf(one, column, t.sql(), " DESC")
		}
	}
	return fmt.Sprintf("SELECT tenant, '' AS row FROM (%s) tenants LIMIT %d", from, mostTenants)
}

// lookBelow finds rows of a child by way of its parents.
func (p *prober) lookBelow(t *target) string {
	from, at, table := t.sql()+" t0", 0, t.table
	for table.Column == "" && table.Via != nil && table.Parent != nil && at < 5 {
		var on []string
		for i, c := range table.Via.Columns {
			on = append(on, fmt.Sprintf("t%d.%s = t%d.%s", at+1, quote(table.Via.RefColumns[i]), at, quote(c)))
		}
		table, at = table.Parent, at+1
		from += fmt.Sprintf(" JOIN %s.%s t%d ON %s", quote(table.Relation.Schema), quote(table.Relation.Name.Name), at, strings.Join(on, " AND "))
	}
	key := make([]string, len(t.table.Via.Columns))
	for i, c := range t.table.Via.Columns {
		key[i] = fmt.Sprintf("format('%%I = %%L', %s, t0.%s)", literal(c), quote(c))
	}
	return fmt.Sprintf("SELECT DISTINCT ON (tenant) tenant, row FROM (SELECT t%d.%s::text AS tenant, concat_ws(' AND ', %s) AS row FROM %s LIMIT %d) rows LIMIT %d",
		at, quote(table.Column), strings.Join(key, ", "), from, sampled, mostTenants)
}

func leads(r *pgschema.Relation, column string) bool {
	return slices.ContainsFunc(r.Indexes, func(i *pgschema.Index) bool {
		return i.Method == "btree" && len(i.Columns) > 0 && i.Columns[0] == column && i.Where == nil && !i.Invalid
	})
}

// found enters a tenant that has rows.
func (t *target) found(tenant, row string) {
	if row == "" {
		row = quote(t.column) + " = " + literal(tenant)
	}
	t.tenants, t.rows = append(t.tenants, tenant), append(t.rows, row)
}

// adopt takes tenants that were found in a table that a view reads, or that the user named.
func (t *target) adopt(tenants []string) {
	t.tenants, t.rows = nil, nil
	for _, tenant := range tenants {
		t.found(tenant, "")
	}
}

// said is what the server answered, in words where these are known.
func said(refused *pgconn.PgError) string {
	switch refused.Code {
	case "55P03":
		return "it is locked, as by a migration"
	case "57014":
		return "the server took longer than " + planTimeout
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", refused.Message, refused.Code)
}
