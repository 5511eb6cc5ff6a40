package prove

import (
	"context"
	"fmt"

	"github.com/tenantvet/tenantvet/pgschema"
)

// peek is a statement whose own condition on a view costs next to nothing, so that it is tested before the condition of
// a view that is no security barrier, and notes the rows that it sees. Any role may keep a function in its temporary
// schema, and steer the planner.
func (t *table) peek() string {
	if t.rel.Kind != pgschema.View || t.rel.SecurityBarrier || t.rel.SecurityInvoker {
		return ""
	}
	return script(
		"SET LOCAL enable_indexscan = off",
		"SET LOCAL enable_bitmapscan = off",
		`CREATE FUNCTION pg_temp.peek(line text) RETURNS boolean LANGUAGE plpgsql STABLE COST 0.0001 AS $$
BEGIN PERFORM set_config('peek.lines', concat(current_setting('peek.lines', true), line, E'\n'), true); RETURN true; END $$`,
		fmt.Sprintf("SELECT count(*) FROM %s v WHERE pg_temp.peek(v::text)", t.sql()),
		"SELECT line FROM regexp_split_to_table(current_setting('peek.lines', true), E'\\n') AS line WHERE line <> ''",
	)
}

// judgePeek enters what a condition of the caller's saw of a view before the view's own was tested.
func (p *prover) judgePeek(ctx context.Context, t *table) error {
	statement := t.peek()
	if statement == "" {
		return nil
	}
	for _, s := range p.states {
		n, err := p.crossed(ctx, s, statement, t.peeked[s])
		if err != nil {
			return err
		}
		if n > 0 {
			p.cell(t.rel.Name.String(), t.kind(), Select, Refuted,
				fmt.Sprintf("a condition of the caller, tested before the view's, sees %s in a session %s", count(n, "row of another tenant", "rows of another tenant"), s.name),
				append(append([]string{"BEGIN"}, s.setup...), statement)...)
			return nil
		}
	}
	return nil
}
