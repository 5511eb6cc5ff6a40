package livecheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/tenancy"
)

// marker ends every statement of the audit.
const marker = catalog.Marker

// executed is one text of pg_stat_statements, over all entries that have it: up to version 17 the same
// query in the schemas of a thousand tenants has a thousand entries.
type executed struct {
	text string
	// role is the one of the service that executed it; empty for any other.
	role  string
	calls int64
	total float64 // milliseconds
	rows  int64
	// share is the part of all time that the database spent on statements, between 0 and 1.
	share float64
}

func (e *executed) mean() float64 { return e.total / float64(max(e.calls, 1)) }

// entry is one row of pg_stat_statements.
type entry struct {
	executed  // its role is whoever it was
	superuser bool
}

// Workload is what pg_stat_statements knows of a database.
type Workload struct {
	entries []entry // of this database, visible and not the audit's own
	total   float64 // milliseconds, of all entries
	size    int     // entries of the whole server
	max     int     // entries the server keeps
	result  finding.Result
}

// statStatements names what is missing when there is no workload.
const statStatements = "pg_stat_statements"

// ReadWorkload reads pg_stat_statements. It comes before anything else of an audit, whose own
// statements could displace the service's. What keeps it from reading is in the result of Statements.
func ReadWorkload(ctx context.Context, conn *pgx.Conn) (*Workload, error) {
	tx, err := begin(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx) // it has written nothing
	w := &Workload{}
	var user string
	var schema *string
	var mayBecome bool
	err = tx.QueryRow(ctx, `SELECT current_user::text,
		(SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
		coalesce(current_setting('pg_stat_statements.max', true)::int, 0), pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER')
		AND NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') `+marker, pgx.QueryExecModeExec).
		Scan(&user, &schema, &w.max, &mayBecome)
	switch {
	case err != nil:
		return nil, err
	case w.max == 0:
		w.skip("the server did not load it: add pg_stat_statements to shared_preload_libraries, restart the server, and run CREATE EXTENSION pg_stat_statements;")
		return w, nil
	case schema == nil:
		w.skip("the extension is not in this database: CREATE EXTENSION pg_stat_statements;")
		return w, nil
	}
	if mayBecome { // a member that does not inherit reads as the role
		if _, err := tx.Exec(ctx, `SELECT set_config('role', 'pg_read_all_stats', true) `+marker, pgx.QueryExecModeExec); err != nil {
			return nil, err
		}
	}
	view := pgx.Identifier{*schema, statStatements}.Sanitize()
	columns, err := columnsOf(ctx, tx, view)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(columns, "total_exec_time") {
		w.skip("the extension is older than its version 1.8: ALTER EXTENSION pg_stat_statements UPDATE;")
		return w, nil
	}
	err = w.read(ctx, tx, view, columns, user)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		w.skip(fmt.Sprintf("role %s may not read it: GRANT SELECT ON %s TO %s; GRANT pg_read_all_stats TO %s;", user, view, quote(user), quote(user)))
		return w, nil
	}
	return w, err
}

func (w *Workload) skip(reason string) {
	w.result.Skipped = append(w.result.Skipped, finding.Skipped{What: statStatements, Reason: reason})
}

// transactionControl are statements that touch no table.
var transactionControl = regexp.MustCompile(`(?i)^\s*(begin|start transaction|commit|end|rollback|savepoint|release)\b`)

func columnsOf(ctx context.Context, tx pgx.Tx, view string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 `+marker, pgx.QueryExecModeExec, view)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// read takes the entries of this database. The extension may be older than the server, so what it
// reads depends on the columns there are.
func (w *Workload) read(ctx context.Context, tx pgx.Tx, view string, columns []string, user string) error {
	toplevel := "true"
	if slices.Contains(columns, "toplevel") {
		toplevel = "s.toplevel"
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT s.query, s.queryid IS NULL, %s, s.calls, s.total_exec_time, s.rows,
			coalesce(r.rolname::text, ''), coalesce(r.rolsuper, false), s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
		FROM %s s LEFT JOIN pg_roles r ON r.oid = s.userid %s`, toplevel, view, marker), pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	var e entry
	var hidden, top, here bool
	var unseen, inner int
	_, err = pgx.ForEachRow(rows, []any{&e.text, &hidden, &top, &e.calls, &e.total, &e.rows, &e.role, &e.superuser, &here}, func() error {
		w.size++
		switch {
		case !here || strings.Contains(e.text, marker):
		case hidden:
			unseen++
		case !top:
			inner++ // its time is in the statement that called it
		case transactionControl.MatchString(e.text):
			w.total += e.total
		default:
			w.total += e.total
			w.entries = append(w.entries, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if unseen > 0 {
		w.skip(fmt.Sprintf("%d statements of other roles are hidden from %s: GRANT pg_read_all_stats TO %s;", unseen, user, quote(user)))
	}
	if inner > 0 {
		w.result.Notes = append(w.result.Notes, fmt.Sprintf("%d statements that ran inside functions count with the statement that called the function", inner))
	}
	return nil
}

// statements returns the texts of the service, those that a planner's role executed apart from the others',
// the most expensive first, and how many entries of superusers and of roles beside the service's were left
// out.
func (w *Workload) statements(m *tenancy.Model, planners []*planner) (statements []executed, leftOut int) {
	others := m.Roles.App // without plans, so many roles only repeat the texts
	switch {
	case len(planners) > 0:
		others = planners[0].others
	case len(others) <= mostRoles:
		others = nil
	}
	byText := map[[2]string]*executed{} // and by role
	for _, e := range w.entries {
		if !slices.Contains(m.Roles.App, e.role) && (e.superuser || slices.Contains(declared(m), e.role)) {
			leftOut++
			continue
		}
		role := e.role
		known := slices.ContainsFunc(planners, func(p *planner) bool { return p.role == role })
		if !known && (slices.Contains(others, role) || !slices.Contains(m.Roles.App, role)) {
			role = ""
		}
		key := [2]string{e.text, role}
		sum := byText[key]
		if sum == nil {
			sum = &executed{text: e.text, role: role}
			byText[key] = sum
		}
		sum.calls, sum.total, sum.rows = sum.calls+e.calls, sum.total+e.total, sum.rows+e.rows
	}
	for _, e := range byText {
		if w.total > 0 {
			e.share = e.total / w.total
		}
		statements = append(statements, *e)
	}
	slices.SortFunc(statements, func(a, b executed) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.text, b.text), cmp.Compare(a.role, b.role))
	})
	return statements, leftOut
}

// begin opens a transaction as catalog.Begin does; each statement of it sees what is committed then.
func begin(ctx context.Context, conn *pgx.Conn) (pgx.Tx, error) {
	return catalog.Begin(ctx, conn, pgx.ReadCommitted)
}
