package livecheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// StatementOptions change how executed statements are judged.
type StatementOptions struct {
	// Off judges none of them.
	Off bool
	// AllowSuperuser plans on the connection of a superuser too. Planning calls functions of the
	// database that are marked IMMUTABLE or STABLE, with whatever the session may do.
	AllowSuperuser bool
	// Tenant is the tenant that plans are made for; empty for one that does not exist.
	Tenant string

	progress func(done, total int) // may be nil
}

// maxStatements bounds the texts of one audit; a server keeps 5,000 by default.
const maxStatements = 20_000

// Statements judges each statement of the workload twice: its text by the rules of sqlcheck, and the
// plan that the server makes for it as the service's role with a tenant set, where the policies are
// part of the plan. Of several roles of the service it is the one that executed the statement. Nothing
// is executed. The statements come most total time first.
func Statements(ctx context.Context, conn *pgx.Conn, db *sqlcheck.Database, w *Workload, o StatementOptions) ([]Statement, finding.Result, error) {
	planners, result, err := plannersOf(ctx, conn, db, o)
	if err != nil {
		return nil, result, err
	}
	judged, found, err := judgeAll(ctx, conn, db, w, planners, o)
	result.Add(found)
	return judged, result, err
}

// judgeAll judges the statements with planners for roles of the service; there may be none.
func judgeAll(ctx context.Context, conn *pgx.Conn, db *sqlcheck.Database, w *Workload, planners []*planner, o StatementOptions) ([]Statement, finding.Result, error) {
	result := w.result
	statements, leftOut := w.statements(db.Model, planners)
	if leftOut > 0 {
		result.Notes = append(result.Notes, fmt.Sprintf("%d executed statements of superusers and of roles beside the service's were left out", leftOut))
	}
	if len(statements) == 0 {
		return nil, result, nil
	}
	limit, reason := maxStatements, "an audit judges no more"
	if len(planners) > 0 && !planners[0].quiet {
		// With GENERIC_PLAN each plan is an entry of its own, or two; with PREPARE there is one for some
		// seven. The entries of the service must stay.
		limit = max(w.max-w.size, 0) / 4
		if planners[0].prepares {
			limit = max(w.max-w.size, 0) * 2
		}
		reason = "planning them would displace the service's own entries in pg_stat_statements: GRANT SET ON PARAMETER pg_stat_statements.track TO the auditor"
		result.Notes = append(result.Notes, "plans leave entries in pg_stat_statements: GRANT SET ON PARAMETER pg_stat_statements.track TO the auditor avoids that")
	}
	if len(statements) > limit {
		result.Skipped = append(result.Skipped, finding.Skipped{What: fmt.Sprintf("the %d cheapest statements", len(statements)-limit), Reason: reason})
		statements = statements[:limit]
	}
	var judged []Statement
	for _, part := range divide(statements, planners) {
		a := newAuditor(db, part.planner)
		for j := range a.read(part.statements) {
			err := a.judge(ctx, j)
			if ctx.Err() != nil || conn.IsClosed() {
				return judged, result, fmt.Errorf("%w after %d of %d statements", ended(ctx, conn, err), len(judged), len(statements))
			}
			result.Add(j.result)
			judged = append(judged, j.statement)
			if o.progress != nil {
				o.progress(len(judged), len(statements))
			}
		}
	}
	slices.SortStableFunc(judged, func(a, b Statement) int { return cmp.Compare(b.Total, a.Total) })
	return judged, result, nil
}

// part is the statements that are planned as one role.
type part struct {
	planner    *planner // nil for those that are judged by their text alone
	statements []executed
}

// divide gives each statement to the planner of its role, and to the first where it has none. What a role
// of the service executed for which there is no planner has no plan: other policies may bind it.
func divide(statements []executed, planners []*planner) []part {
	parts := make([]part, len(planners), len(planners)+1)
	for i, p := range planners {
		parts[i].planner = p
	}
	var textOnly part
	for _, e := range statements {
		i := slices.IndexFunc(planners, func(p *planner) bool { return p.role == e.role })
		if e.role == "" && len(planners) > 0 {
			i = 0
		}
		if i < 0 {
			textOnly.statements = append(textOnly.statements, e)
			continue
		}
		parts[i].statements = append(parts[i].statements, e)
	}
	return append(parts, textOnly)
}

// plannersOf makes a planner for each role of the service that the connection may take on.
func plannersOf(ctx context.Context, conn *pgx.Conn, db *sqlcheck.Database, o StatementOptions) ([]*planner, finding.Result, error) {
	tx, err := begin(ctx, conn)
	if err != nil {
		return nil, finding.Result{}, ended(ctx, conn, err)
	}
	defer tx.Rollback(ctx) // it has written nothing
	planners, result, err := newPlanners(ctx, tx, db.Model, o)
	if err != nil {
		return nil, result, ended(ctx, conn, err)
	}
	for _, p := range planners {
		p.conn = conn
	}
	return planners, result, nil
}

// auditor judges the statements of one database.
type auditor struct {
	db        sqlcheck.Database
	planner   *planner                     // nil when nothing can be planned
	tables    map[string][]*classify.Table // of tenants, by name
	functions map[string][]*pgschema.Function
	// compared and refused count the plans without policies.
	compared, refused int
}

func newAuditor(db *sqlcheck.Database, p *planner) *auditor {
	a := &auditor{db: sqlcheck.Database{Schema: db.Schema, Classes: db.Classes, Model: db.Model, Policies: db.Policies}, planner: p}
	if p != nil {
		schema := *db.Schema
		schema.SearchPath = p.path
		a.db.Schema, a.db.Policies = &schema, policiesOf(&schema, p.role)
		a.index()
	}
	return a
}

// judgement is what is known of one statement.
type judgement struct {
	executed
	schema *pgschema.Schema
	stmt   *pgast.Statement // nil for one that has no plan
	gap    string           // why that is, where it matters
	// text holds the worst judgement of the text about each table.
	text    map[*pgschema.Relation]*sqlcheck.Reference
	planner *planner // nil without a plan, as is reach
	reach   *reach
	result  finding.Result
	// statement is the judgement for the reader.
	statement Statement
}

// read judges the texts, ahead of their plans: the processor that the server leaves does it meanwhile.
func (a *auditor) read(statements []executed) iter.Seq[*judgement] {
	const ahead = 64
	return func(yield func(*judgement) bool) {
		read, stop := make(chan *judgement, ahead), make(chan struct{})
		defer close(stop)
		go func() {
			defer close(read)
			for _, e := range statements {
				j := &judgement{executed: e, schema: a.db.Schema, text: map[*pgschema.Relation]*sqlcheck.Reference{}, statement: Statement{
					Text: e.text, Role: e.role, Calls: e.calls, Total: e.total, Mean: e.mean(), Rows: e.rows, Share: e.share, Scope: NoTenant,
				}}
				if j.stmt, j.gap = statementOf(e.text); j.stmt != nil {
					j.read(&a.db, j.stmt, a.planner != nil)
				}
				select {
				case read <- j:
				case <-stop:
					return
				}
			}
		}()
		for j := range read {
			if !yield(j) {
				return
			}
		}
	}
}

// judge completes a judgement with the plan. The error is that of the last plan that could not be made: the judgement
// stands without it, and where the connection has ended it says how.
func (a *auditor) judge(ctx context.Context, j *judgement) error {
	if j.stmt == nil {
		if j.gap != "" {
			j.skip(j.gap)
		}
		return nil
	}
	if a.planner == nil {
		j.textOnly()
		return nil
	}
	p, err := a.planner.plan(ctx, j.stmt.Text())
	if err != nil {
		j.skip(refusal(err))
		j.textOnly()
		return err
	}
	j.planner, j.reach = a.planner, newReach(p.plan, a.db.Schema, a.db.Classes)
	j.statement.Plan = outline(j.reach.scans)
	j.unscoped()
	j.multiTenantList()
	a.calls(j)
	j.skipsTenantIndex(func() *reach {
		var other *node
		if other, err = a.planner.explain(ctx, p.text, p.types, [2]string{"enable_seqscan", "off"}); err != nil {
			return nil
		}
		return newReach(other, a.db.Schema, a.db.Classes)
	})
	if a.planner.conn.IsClosed() {
		return err
	}
	return a.compare(ctx, j, p)
}

// read judges the text: as it stands and, where the policies bind the role, under them.
func (j *judgement) read(db *sqlcheck.Database, stmt *pgast.Statement, bound bool) {
	worst := func(references []*sqlcheck.Reference) map[*pgschema.Relation]*sqlcheck.Reference {
		found := map[*pgschema.Relation]*sqlcheck.Reference{}
		for _, r := range references {
			if r.Command == sqlcheck.Insert {
				continue // reads nothing
			}
			on := root(db.Schema, r.Relation)
			if known := found[on]; known == nil || badness(r) > badness(known) {
				found[on] = r
			}
		}
		return found
	}
	j.text = worst(sqlcheck.Analyze(db, stmt).References)
	if !bound {
		return
	}
	for on, r := range worst(sqlcheck.Analyze(db, stmt, sqlcheck.Scoped()).References) {
		if known := j.text[on]; known == nil || badness(r) < badness(known) {
			j.text[on] = r
		}
	}
}

// badness orders judgements of a text.
func badness(r *sqlcheck.Reference) int {
	switch {
	case r.Verdict == sqlcheck.Pinned && !r.List:
		return 0
	case r.Verdict == sqlcheck.Pinned:
		return 1
	case r.Verdict == sqlcheck.Unpinned && r.ByKey != nil:
		return 2
	case r.Verdict == sqlcheck.Undecided:
		return 3
	}
	return 4
}

// refusal says why a statement has no plan, and never more than the server's message.
func refusal(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return "it could not be planned: " + err.Error()
	}
	switch refused.Code {
	case "55P03":
		return "a table of it is locked, as by a migration: run the audit again when that is over"
	case "57014":
		return "planning it took longer than " + planTimeout
	}
	return fmt.Sprintf("the server does not plan it: %s (SQLSTATE %s)", refused.Message, refused.Code)
}

func (j *judgement) skip(reason string) {
	j.statement.Unjudged = reason
	j.result.Skipped = append(j.result.Skipped, finding.Skipped{What: "statement " + j.excerpt(), Reason: reason})
}

func (j *judgement) undecided(object, reason string) {
	j.statement.confine(UndecidedScope, object+": "+reason, "")
	j.result.Undecided = append(j.result.Undecided, finding.Undecided{
		Object: object, Code: "statement-undecided", Reason: fmt.Sprintf("%s, in the statement %s", reason, j.excerpt()),
	})
}

// report adds a finding with what the statement costs.
func (j *judgement) report(f finding.Finding, evidence ...string) {
	f.Weight = j.share
	calls := counted(j.calls, "call")
	if j.role != "" {
		calls += " by role " + j.role
	}
	f.Evidence = append([]string{
		"statement: " + shorten(j.executed.text, 600),
		fmt.Sprintf("%s, %.3g ms mean, %.4g ms in total, %s, %.1f %% of the database's time", calls, j.mean(), j.total, counted(j.rows, "row"), 100*j.share),
	}, evidence...)
	j.result.Findings = append(j.result.Findings, f)
}

func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (j *judgement) excerpt() string { return `"` + shorten(j.executed.text, 80) + `"` }

// shorten writes a text on one line of at most n characters.
func shorten(text string, n int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > n {
		return string(line[:n-1]) + "…"
	}
	return string(line)
}
