package livecheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// prober tries, as one role of the service, to reach rows across tenants.
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
	// columns are those that tell whose a row of the targets is.
	columns []string
	// functions that were called, as targets without rows.
	functions []*target
	// progress takes how many targets are done.
	progress func(done int)
}

// probe tries the database as each role of the service. What could not be tried is in the result.
func (r *run) probe(ctx context.Context, w *Workload) error {
	a := r.audit
	skip := func(reason string) {
		a.Result.Skipped = append(a.Result.Skipped, finding.Skipped{What: "probes of " + a.Database, Reason: reason})
	}
	switch {
	case r.options.Probes.Off, len(r.planners) == 0: // the latter is said where they were looked for
		return nil
	case !slices.ContainsFunc(a.Classes.Tables(), hasTenants):
		return nil // nothing to reach
	case a.Model.Enforcement == tenancy.EnforcePredicate:
		r.note("nothing was probed: isolation rests on the predicate of each statement, so a role reaches every tenant's rows")
		return nil
	case len(a.Model.Settings) == 0:
		skip("no setting is known that carries the tenant: name it with --setting")
		return nil
	}
	first := r.prober(r.planners[0])
	if err := first.findTargets(ctx); err != nil {
		return err
	}
	if a.Standby {
		r.note("the server is a standby, which plans and tries no write: audit the primary for UPDATE, DELETE and --probe-writes")
	}
	if limit := max(w.max-w.size, 0) / (entriesOfTarget * len(r.planners)); !r.planners[0].quiet && w.max > 0 && len(first.targets) > limit {
		skip(fmt.Sprintf("%d relations: their entries in pg_stat_statements would displace the service's: GRANT SET ON PARAMETER pg_stat_statements.track TO the auditor", len(first.targets)-limit))
		first.targets = first.targets[:limit]
	}
	if err := first.findRights(ctx); err != nil {
		return err
	}
	if err := first.findTenants(ctx); err != nil {
		return err
	}
	probers := []*prober{first}
	for _, planner := range r.planners[1:] {
		probers = append(probers, first.as(r.prober(planner)))
	}
	defer r.finishProbes(probers)
	for i, p := range probers {
		p.progress = func(done int) { r.step("probes", i*len(p.targets)+done, len(probers)*len(p.targets)) }
		if i > 0 {
			if err := p.findRights(ctx); err != nil {
				return err
			}
		}
		if err := p.attemptAll(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prober makes one that has the role and the settings of a planner.
func (r *run) prober(planner *planner) *prober {
	p := &prober{run: r, role: planner.role, tenants: r.options.Probes.Tenants}
	for _, s := range planner.settings {
		switch s[0] {
		case "search_path":
			p.path = s[1]
		case "pg_stat_statements.track", "statement_timeout", "lock_timeout":
			p.own = append(p.own, s)
		}
	}
	return p
}

// as gives another role's prober the targets of this one.
func (p *prober) as(other *prober) *prober {
	other.columns = p.columns
	for _, t := range p.targets {
		own := *t
		other.targets = append(other.targets, &own)
	}
	return other
}

// entriesOfTarget is about how many entries in pg_stat_statements the probes of one relation make.
const entriesOfTarget = 8

// attemptAll probes the targets on several connections. On one of its own, no tenant is ever set.
func (p *prober) attemptAll(ctx context.Context) error {
	conns := []*pgx.Conn{p.conn}
	if p.fresh = p.second(ctx); p.fresh != nil {
		defer p.fresh.Close(context.WithoutCancel(ctx))
		if helper := p.second(ctx); helper != nil {
			defer helper.Close(context.WithoutCancel(ctx))
			conns = append(conns, helper)
		}
	}
	never := make([]*Probe, len(p.targets))
	var work sync.WaitGroup
	work.Go(func() {
		for i, t := range p.targets {
			never[i] = p.readNeverSet(ctx, t)
		}
	})
	var next atomic.Int64
	failed := make([]error, len(conns))
	for i, conn := range conns[1:] {
		work.Go(func() { failed[i+1] = p.attemptNext(ctx, conn, &next, nil) })
	}
	failed[0] = p.attemptNext(ctx, p.conn, &next, p.progress)
	work.Wait()
	for i, t := range p.targets {
		t.cells = append(t.cells, never[i])
	}
	if err := errors.Join(failed...); err != nil {
		return ended(ctx, p.conn, err)
	}
	p.progress(len(p.targets))
	if p.options.Probes.Functions {
		return p.callFunctions(ctx)
	}
	return nil
}

// attemptNext probes one target after the other, as long as there are some that nobody has taken.
func (p *prober) attemptNext(ctx context.Context, conn *pgx.Conn, next *atomic.Int64, progress func(done int)) error {
	for {
		i := int(next.Add(1)) - 1
		if i >= len(p.targets) {
			return nil
		}
		if progress != nil && i%50 == 0 {
			progress(i)
		}
		if err := send(ctx, conn, p.attemptsOn(p.targets[i])...); err != nil {
			return fmt.Errorf("%w after about %d of %d probed relations", ended(ctx, conn, err), i, len(p.targets))
		}
	}
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

// attemptsOn are the attempts on a target in sessions that have, or had, a tenant.
func (p *prober) attemptsOn(t *target) []*attempt {
	set := &attempt{"READ ONLY", p.settingsOf(p.tenantOf(t)), []*step{p.read(t)}}
	attempts := []*attempt{set, p.readSetBefore(t)}
	if t.table != nil && !p.audit.Standby {
		set.steps = append(set.steps, p.planDelete(t), p.planUpdate(t))
	}
	set.steps = slices.DeleteFunc(set.steps, func(s *step) bool { return s == nil })
	if p.options.Probes.Writes && !p.audit.Standby {
		attempts = append(attempts, p.insert(t), p.move(t))
	}
	return slices.DeleteFunc(attempts, func(a *attempt) bool { return a == nil })
}

// tenantOf is the tenant that a target is tried as: one with rows in it, if another has some too.
func (p *prober) tenantOf(t *target) string {
	if len(t.tenants) < 2 {
		return p.nobody()
	}
	return t.tenants[0]
}

// cell enters what an attempt showed.
func (t *target) cell(command, state, statement string) *Probe {
	c := &Probe{Relation: t.relation.Name.String(), Command: command, State: state, Verdict: Skipped, Statement: statement}
	t.cells = append(t.cells, c)
	return c
}

// is gives a cell its verdict.
func (c *Probe) is(verdict, format string, args ...any) {
	c.Verdict, c.Why = verdict, fmt.Sprintf(format, args...)
}

// finishProbes brings the cells into the audit, in order of relation and role, makes findings of those
// refuted and lists those skipped.
func (r *run) finishProbes(probers []*prober) {
	for i := range probers[0].targets {
		var cells []*Probe
		for _, p := range probers {
			cells = append(cells, p.entered(p.targets[i])...)
		}
		r.conclude(cells, len(probers))
	}
	for i := range probers[0].functions {
		var cells []*Probe
		for _, p := range probers {
			if i < len(p.functions) {
				cells = append(cells, p.entered(p.functions[i])...)
			}
		}
		r.conclude(cells, len(probers))
	}
}

// entered returns the cells of a target, with the role.
func (p *prober) entered(t *target) []*Probe {
	for _, c := range t.cells {
		c.Role = p.role
		if c.Why == "" {
			c.Why = "the audit ended before it was tried"
		}
	}
	return t.cells
}

// conclude enters the cells of one relation.
func (r *run) conclude(cells []*Probe, roles int) {
	if len(cells) == 0 {
		return
	}
	type reason struct{ role, why string }
	var reasons []reason
	skipped := map[reason][]string{}
	for _, c := range cells {
		r.audit.Probes = append(r.audit.Probes, *c)
		if c.Verdict == Skipped {
			key := reason{c.Role, c.Why}
			if skipped[key] == nil {
				reasons = append(reasons, key)
			}
			skipped[key] = append(skipped[key], c.Command+" ("+c.State+")")
		}
	}
	for _, key := range reasons {
		what := fmt.Sprintf("probe of %s: %s", cells[0].Relation, strings.Join(skipped[key], ", "))
		if roles > 1 {
			what += " as " + key.role
		}
		r.audit.Result.Skipped = append(r.audit.Result.Skipped, finding.Skipped{What: what, Reason: key.why})
	}
	if f, ok := refutes(cells, roles > 1); ok {
		r.audit.Result.Findings = append(r.audit.Result.Findings, f)
	}
}
