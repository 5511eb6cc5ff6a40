package livecheck

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// planDelete and planUpdate ask how the server would change every row that it lets the role change. The
// statements read no column, so no policy for SELECT hides what the others leave open. They are not run.

func (p *prober) planDelete(t *target) *step {
	return p.planWrite(t, "delete", t.rights.delete, "DELETE FROM "+t.sql())
}

func (p *prober) planUpdate(t *target) *step {
	return p.planWrite(t, "update", t.rights.updatable != "", fmt.Sprintf("UPDATE %s SET %s = DEFAULT", t.sql(), quote(t.rights.updatable)))
}

func (p *prober) planWrite(t *target, command string, may bool, statement string) *step {
	if !may || !t.rights.reach {
		t.cell(command, tenantSet, "").is(Proved, mayNot)
		return nil
	}
	c := t.cell(command, tenantSet, p.shown(p.tenantOf(t), "EXPLAIN "+statement))
	return &step{
		sql: "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) " + statement,
		take: func(plan *pgconn.Result, refused *pgconn.PgError) {
			if refused != nil {
				c.judgeRefusal(refused)
				return
			}
			c.judgePlan(p, t, plan)
		},
	}
}

// judgePlan looks for a filter on every scan that finds the rows to change.
func (c *Probe) judgePlan(p *prober, t *target, answer *pgconn.Result) {
	var plans []struct{ Plan *node }
	if len(answer.Rows) != 1 || json.Unmarshal(answer.Rows[0][0], &plans) != nil || len(plans) != 1 || plans[0].Plan == nil {
		c.is(Skipped, "the server answered EXPLAIN with something else than one plan")
		return
	}
	reached := newReach(plans[0].Plan, p.audit.Schema, p.audit.Classes)
	var at *scan
	worst := pinned
	for _, s := range reached.scans {
		if root(p.audit.Schema, s.relation) != root(p.audit.Schema, t.relation) {
			continue // a policy's
		}
		if at = s; s.scope == unscoped && s.node.Filter+s.node.IndexCond+s.node.RecheckCond+s.node.TIDCond == "" && !reached.joined(plans[0].Plan) {
			c.is(Refuted, "no policy filters it: it reaches the rows of every tenant")
			return
		}
		worst = min(worst, s.scope)
	}
	switch {
	case at == nil:
		c.is(Proved, "it reaches no row")
	case worst >= derived:
		c.is(Proved, "the policy is in the plan: %s", describe(at))
	default:
		c.is(Skipped, "the plan filters, but not by a condition on the tenant that can be followed")
	}
}

// joined reports whether a plan joins, so that the filter of a scan may be the join.
func (r *reach) joined(plan *node) (joined bool) {
	plan.walk(func(n *node) { joined = joined || n.isJoin() })
	return joined
}
