package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Marker ends every statement of an audit, so that a later audit leaves them out of the service's.
// Version 18 drops a comment in front of a statement from its statistics; one behind it stays.
const Marker = "/* tenantvet audit */"

// Bounds of one statement of an audit. What waits for the lock of a migration makes later sessions wait
// behind it.
const (
	statementTimeout = "60s"
	LockTimeout      = "300ms"
)

// Begin opens a read-only transaction that hardly waits for locks and, where the role may say so, leaves
// no entry in pg_stat_statements. Its settings are SET LOCAL: nothing stays in the session, which behind
// a pooler is another client's next.
func Begin(ctx context.Context, conn *pgx.Conn, isolation pgx.TxIsoLevel) (pgx.Tx, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: fmt.Sprintf("BEGIN ISOLATION LEVEL %s READ ONLY %s", isolation, Marker)})
	if err != nil {
		return nil, err
	}
	batch := &pgconn.Batch{} // which, other than pgx.Batch, never prepares
	for _, sql := range []string{
		// SET reads no catalog, which may be locked too.
		"SET LOCAL lock_timeout = '" + LockTimeout + "' ",
		"SET LOCAL statement_timeout = '" + statementTimeout + "' ",
		"SELECT CASE WHEN has_parameter_privilege(current_user, 'pg_stat_statements.track', 'SET') " +
			"THEN set_config('pg_stat_statements.track', 'none', true) END ",
	} {
		batch.ExecParams(sql+Marker, nil, nil, nil, nil)
	}
	if err := conn.PgConn().ExecBatch(ctx, batch).Close(); err != nil {
		tx.Rollback(ctx)
		return nil, err
	}
	return tx, nil
}
