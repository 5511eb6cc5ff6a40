package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// readAll lets each state read each relation, while the rows up to those of owner are there.
func (p *prover) readAll(ctx context.Context, owner int) error {
	for _, s := range p.states {
		for _, t := range p.tables {
			r, err := p.read(ctx, s, t.selectStatement())
			if err != nil {
				return err
			}
			seen := t.seen[s]
			seen[owner] = r
			t.seen[s] = seen
			if peek := t.peek(); peek != "" {
				answer, err := p.read(ctx, s, peek)
				if err != nil {
					return err
				}
				peeked := t.peeked[s]
				peeked[owner] = answer
				t.peeked[s] = peeked
			}
		}
		for _, routine := range p.routines {
			if err := p.readRoutine(ctx, s, routine, owner); err != nil {
				return err
			}
		}
		for _, c := range p.claims {
			if s.readsOnly {
				continue
			}
			answer, err := p.read(ctx, s, c.sql)
			if err != nil {
				return err
			}
			seen := c.seen[s]
			seen[owner] = answer
			c.seen[s] = seen
		}
	}
	return nil
}

// selectStatement reads everything the role may read, without naming a tenant.
func (t *table) selectStatement() string {
	var names []string
	for _, c := range t.columns {
		if c.canSelect {
			names = append(names, quoteName(c.name))
		}
	}
	if len(names) == 0 || len(names) == len(t.columns) {
		names = []string{"*"}
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + t.sql()
}

// read runs a statement in a state and rolls it back.
func (p *prover) read(ctx context.Context, s *state, statement string) (r result, err error) {
	if r, err = exec(ctx, s.conn, script(slices.Concat([]string{"BEGIN"}, s.setup, []string{statement})...)); err != nil {
		return r, err
	}
	return r, must(ctx, s.conn, "ROLLBACK")
}

// more returns how many rows an answer has that another lacks.
func more(answer, than result) (n int) {
	count := map[string]int{}
	for _, text := range than.texts() {
		count[text]++
	}
	for _, text := range answer.texts() {
		if count[text] == 0 {
			n++
		} else {
			count[text]--
		}
	}
	return n
}

// crossed compares what a session read before and behind the making of rows that are not its own. An
// answer that is never the same is judged by its number of rows.
func (p *prover) crossed(ctx context.Context, s *state, statement string, seen [3]result) (int, error) {
	base := seen[tenantA]
	if s.owner == nobody {
		base = seen[nobody]
	}
	last := seen[tenantB]
	if last.err != nil {
		return 0, nil
	}
	if base.err != nil && more(last, base) > 0 {
		// The error need not have been for want of these rows: a plan that the session has kept meanwhile, as PostgreSQL 18
		// does for SQL functions, may evaluate less than a new one.
		if err := must(ctx, s.conn, "DISCARD PLANS"); err != nil {
			return 0, err
		}
		var err error
		if last, err = p.read(ctx, s, statement); err != nil || last.err != nil {
			return 0, err
		}
	}
	n := more(last, base)
	if n == 0 {
		return 0, nil
	}
	again, err := p.read(ctx, s, statement)
	if err != nil {
		return 0, err
	}
	if more(again, last) > 0 || len(again.rows) != len(last.rows) {
		return max(0, len(last.rows)-len(base.rows)), nil
	}
	return n, nil
}

// judgeReads enters what the states saw of a relation.
func (p *prover) judgeReads(ctx context.Context, t *table) error {
	if t.made {
		return nil
	}
	object, kind := t.rel.Name.String(), t.kind()
	var refused []result
	own := false
	for _, s := range p.states {
		seen := t.seen[s]
		n, err := p.crossed(ctx, s, t.selectStatement(), seen)
		if err != nil {
			return err
		}
		if n > 0 {
			p.cell(object, kind, Select, Refuted, fmt.Sprintf("%s in a session %s", count(n, "row of another tenant", "rows of another tenant"), s.name),
				append(append([]string{"BEGIN"}, s.setup...), t.selectStatement())...)
			return nil
		}
		if s.owner == tenantA {
			own = own || more(seen[tenantA], seen[nobody]) > 0
			if seen[tenantB].err != nil {
				refused = append(refused, seen[tenantB])
			}
		}
	}
	if err := p.judgePeek(ctx, t); err != nil {
		return err
	}
	if !t.owned && t.class != nil {
		return nil // a table that belongs to nobody and shows nobody's rows
	}
	switch {
	case own:
		p.cell(object, kind, Select, Proved, "")
	case len(refused) > 0 && refused[0].denied():
		p.cell(object, kind, Select, Proved, "the role may not")
	case len(refused) > 0:
		p.cell(object, kind, Select, Vacuous, refused[0].err.Message)
	default:
		p.cell(object, kind, Select, Vacuous, p.whyVacuous(t, "tenant A does not see its own rows"))
	}
	return nil
}

// whyVacuous says why a tenant does not reach its own rows: perhaps there are none.
func (p *prover) whyVacuous(t *table, otherwise string) string {
	if t.owned && t.stores() && len(t.rows[tenantA]) == 0 {
		return "the table has no rows: " + t.problem
	}
	return otherwise
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
