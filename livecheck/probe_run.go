package livecheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// prober tries, as the service's role, to reach rows across tenants.
type prober struct {
	*run
	// fresh is a connection of its own, on which no tenant was ever set; nil when there is none.
	fresh *pgx.Conn
	role  string
	path  string
	// own are the settings of every transaction, also of those as the connection's own role.
	own [][2]string
	// bound says that policies bind the connection's own role.
	bound   bool
	tenants []string // as the user named them
	targets []*target
	// functions that were called, as targets without rows.
	functions []*target
	cells     map[*target][]*Probe
}

// probe tries the database. What could not be tried is in the result.
func (r *run) probe(ctx context.Context, w *Workload) error {
	if r.options.Probes.Off {
		return nil
	}
	a := r.audit
	skip := func(reason string) {
		a.Result.Skipped = append(a.Result.Skipped, finding.Skipped{What: "probes of " + a.Database, Reason: reason})
	}
	db := &sqlcheck.Database{Schema: a.Schema, Classes: a.Classes, Model: a.Model}
	switch {
	case !slices.ContainsFunc(a.Classes.Tables(), hasTenants):
		return nil // nothing to reach
	case a.Model.Enforcement == tenancy.EnforcePredicate:
		r.note("nothing was probed: isolation rests on the predicate of each statement, so a role reaches every tenant's rows")
		return nil
	case len(a.Model.Settings) == 0:
		skip("no setting is known that carries the tenant: name it with --setting")
		return nil
	}
	planner, refused, err := contextOf(ctx, r.conn, db, r.options.Statements)
	switch {
	case err != nil:
		return err
	case planner == nil:
		for _, s := range refused.Skipped {
			skip(s.Reason)
		}
		return nil
	}
	p := &prober{run: r, role: planner.role, tenants: r.options.Probes.Tenants, cells: map[*target][]*Probe{}}
	for _, s := range planner.settings {
		switch s[0] {
		case "search_path":
			p.path = s[1]
		case "pg_stat_statements.track", "statement_timeout", "lock_timeout":
			p.own = append(p.own, s)
		}
	}
	if err := p.findTargets(ctx); err != nil {
		return err
	}
	if limit := (w.max - w.size) / entriesOfTarget; !planner.quiet && w.max > 0 && len(p.targets) > limit {
		skip(fmt.Sprintf("%d relations: their entries in pg_stat_statements would displace the service's: GRANT SET ON PARAMETER pg_stat_statements.track TO the auditor", len(p.targets)-max(limit, 0)))
		p.targets = p.targets[:max(limit, 0)]
	}
	if err := p.findTenants(ctx); err != nil {
		return err
	}
	err = p.attemptAll(ctx)
	p.finish()
	return err
}

// entriesOfTarget is about how many entries in pg_stat_statements the probes of one relation make.
const entriesOfTarget = 8

// attemptAll probes each target. The sessions that never had a tenant are tried at the same time, on a
// connection of their own.
func (p *prober) attemptAll(ctx context.Context) error {
	if p.fresh = p.second(ctx); p.fresh != nil {
		defer p.fresh.Close(context.WithoutCancel(ctx))
	}
	never := make(chan []*Probe, 1)
	go func() {
		cells := make([]*Probe, len(p.targets))
		for i, t := range p.targets {
			cells[i] = p.readNeverSet(ctx, t)
		}
		never <- cells
	}()
	err := p.attemptSet(ctx)
	for i, c := range <-never {
		p.cells[p.targets[i]] = append(p.cells[p.targets[i]], c)
	}
	return err
}

// second opens a further connection, and returns nil where none is to be had soon: a pooler in session
// mode lets it wait for a session.
func (p *prober) second(ctx context.Context) *pgx.Conn {
	limited, cancel := context.WithTimeout(ctx, shareTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(limited, p.conn.Config())
	if err != nil {
		return nil
	}
	if _, err := backendOf(limited, conn); err != nil {
		conn.Close(context.WithoutCancel(ctx))
		return nil
	}
	return conn
}

// attemptSet probes each target with a tenant set, and behind that.
func (p *prober) attemptSet(ctx context.Context) error {
	for i, t := range p.targets {
		if i%100 == 0 {
			p.step("probes", i, len(p.targets))
		}
		attempts := []*attempt{p.read(t), p.readSetBefore(t)}
		if t.table != nil {
			attempts = append(attempts, p.planDelete(t), p.planUpdate(t))
		}
		if p.options.Probes.Writes {
			attempts = append(attempts, p.insert(t), p.move(t))
		}
		attempts = slices.DeleteFunc(attempts, func(a *attempt) bool { return a == nil })
		if err := send(ctx, p.conn, attempts); err != nil {
			return fmt.Errorf("%w after %d of %d probed relations", ended(ctx, p.conn, err), i, len(p.targets))
		}
	}
	p.step("probes", len(p.targets), len(p.targets))
	if p.options.Probes.Functions {
		return p.callFunctions(ctx)
	}
	return nil
}

// cell enters what an attempt showed.
func (p *prober) cell(t *target, command, state, statement string) *Probe {
	c := &Probe{Relation: t.relation.Name.String(), Command: command, State: state, Verdict: Skipped, Statement: statement}
	p.cells[t] = append(p.cells[t], c)
	return c
}

// is gives a cell its verdict.
func (c *Probe) is(verdict, format string, args ...any) {
	c.Verdict, c.Why = verdict, fmt.Sprintf(format, args...)
}

// finish brings the cells into the audit, in order of relation, and makes findings of those refuted.
func (p *prober) finish() {
	for _, t := range append(p.targets, p.functions...) {
		for _, c := range p.cells[t] {
			p.audit.Probes = append(p.audit.Probes, *c)
		}
		if f, ok := p.refutes(t.relation.Name.String(), p.cells[t]); ok {
			p.audit.Result.Findings = append(p.audit.Result.Findings, f)
		}
	}
}

// shown writes a statement as one would run it, with the role and the tenant set before it.
func (p *prober) shown(tenant, statement string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SET LOCAL ROLE %s; ", quote(p.role))
	if tenant != "" {
		for _, name := range p.audit.Model.Settings {
			fmt.Fprintf(&b, "SET LOCAL %s = %s; ", name, literal(tenant))
		}
	}
	return b.String() + statement
}
