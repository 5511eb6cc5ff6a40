package livecheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
)

// Bounds of one planning transaction. EXPLAIN takes the locks of the statement, so it must neither
// wait for a migration nor make one wait.
const (
	planTimeout = "2s"
	lockTimeout = catalog.LockTimeout
)

// planner asks the server how it would run statements as the service, with a tenant set.
type planner struct {
	conn *pgx.Conn
	// prepares says that statements are planned by PREPARE instead of GENERIC_PLAN: version 15 has no
	// other way, and it leaves fewer entries in pg_stat_statements where they cannot be avoided.
	prepares bool
	// settings apply to each planning transaction alone, in this order.
	settings [][2]string
	role     string
	// others are the roles, beyond those that an audit takes on, whose statements are planned as this one.
	others []string
	path   []string // the search path
	// quiet says that the plans leave no entry in pg_stat_statements.
	quiet bool
	// leakproof are the operators that policies keep out of no index, as "= text".
	leakproof map[string]bool
	// stale says of tables why their statistics may be wrong.
	stale map[pgschema.Name]string
	// unbound plans as the connection's own role, where no policy binds it; nil where one does.
	unbound *planner
	// exempt says that some policy does not bind the role.
	exempt bool
}

// prepared is the name of the only statement that the planner prepares.
const prepared = "tenantvet_plan"

// parameterTypes are the types of the parameters that the server cannot infer, by number.
type parameterTypes map[int]string

// explain plans one statement in a transaction of its own and rolls it back. The statement is not
// run: EXPLAIN without ANALYZE evaluates no more than what the planner folds.
func (p *planner) explain(ctx context.Context, text string, types parameterTypes, extra ...[2]string) (*node, error) {
	pg, n := p.conn.PgConn(), highestParameter(text)
	batch := &pgconn.Batch{}
	batch.ExecParams("BEGIN READ ONLY "+marker, nil, nil, nil, nil)
	p.set(batch, append(p.settings[:len(p.settings):len(p.settings)], extra...))
	prefix, answer := "EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ", 0
	if p.prepares {
		prefix, answer = p.prepare(batch, text, n, types)
	}
	results, err := pg.ExecBatch(ctx, batch).ReadAll()
	if err == nil && !p.prepares {
		// A simple query: bound values, even NULL, would be folded into the plan. The text was parsed
		// and is one statement.
		results, err = pg.Exec(ctx, prefix+text+"\n"+marker).ReadAll()
	}
	if pg.TxStatus() != 'I' && !pg.IsClosed() {
		if cleanErr := p.rollBack(ctx, err != nil); cleanErr != nil {
			return nil, cleanErr
		}
	}
	if err != nil {
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Position > int32(len(prefix)) {
			refused.Position -= int32(len(prefix))
		}
		return nil, err
	}
	if len(results) <= answer || len(results[answer].Rows) != 1 {
		return nil, errors.New("the server answered EXPLAIN without a plan")
	}
	var plans []struct{ Plan *node }
	if err := json.Unmarshal(results[answer].Rows[0][0], &plans); err != nil || len(plans) != 1 || plans[0].Plan == nil {
		return nil, errors.New("the server answered EXPLAIN with something else than one plan")
	}
	return plans[0].Plan, nil
}

// set queues one SELECT that makes settings for the transaction; set_config with true is SET LOCAL.
func (p *planner) set(batch *pgconn.Batch, settings [][2]string) {
	var calls []string
	var values [][]byte
	for i, s := range settings {
		calls = append(calls, fmt.Sprintf("set_config($%d, $%d, true)", 2*i+1, 2*i+2))
		values = append(values, []byte(s[0]), []byte(s[1]))
	}
	batch.ExecParams("SELECT "+strings.Join(calls, ", ")+" "+marker, values, nil, nil, nil)
}

// prepare queues what stands in for GENERIC_PLAN: a prepared statement with a forced generic plan. It returns what stands before the text, and the place of the plan in the results.
func (p *planner) prepare(batch *pgconn.Batch, text string, n int, types parameterTypes) (string, int) {
	declared, nulls := make([]string, n), make([]string, n)
	for i := range declared {
		declared[i], nulls[i] = "unknown", "NULL"
		if name := types[i+1]; name != "" {
			declared[i] = name
		}
	}
	head, values := "PREPARE "+prepared, ""
	if n > 0 {
		head += "(" + strings.Join(declared, ", ") + ")"
		values = "(" + strings.Join(nulls, ", ") + ")"
	}
	head += " AS "
	for _, sql := range []string{
		"SAVEPOINT " + prepared + " " + marker,
		head + text + "\n" + marker,
		"EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE " + prepared + values + " " + marker,
		"DEALLOCATE " + prepared + " " + marker,
		"ROLLBACK " + marker, // where nothing failed, in the same message
	} {
		batch.ExecParams(sql, nil, nil, nil, nil)
	}
	return head, 4
}

// rollBack ends a planning transaction. Where it failed, the statement may still be prepared. A prepared
// statement outlives its transaction, so it is removed inside: behind a pooler, the next transaction may
// have another session.
func (p *planner) rollBack(ctx context.Context, failed bool) error {
	pg := p.conn.PgConn()
	if failed && p.prepares {
		_, err := pg.ExecParams(ctx, "ROLLBACK TO SAVEPOINT "+prepared+" "+marker, nil, nil, nil, nil).Close()
		if err == nil {
			left := pg.ExecParams(ctx, "SELECT FROM pg_prepared_statements WHERE name = '"+prepared+"' "+marker, nil, nil, nil, nil).Read()
			if left.Err == nil && len(left.Rows) > 0 {
				pg.ExecParams(ctx, "DEALLOCATE "+prepared+" "+marker, nil, nil, nil, nil).Read()
			}
		}
	}
	_, err := pg.ExecParams(ctx, "ROLLBACK "+marker, nil, nil, nil, nil).Close()
	return err
}
