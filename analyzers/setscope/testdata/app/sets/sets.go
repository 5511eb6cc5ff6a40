// Package sets holds SET statements on handles whose kind is known.
package sets

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"
)

func sessionOnPool(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id) // want `set-not-local: set_config sets app.tenant_id for the whole session on a connection pool`
}

func sessionOnDB(db *sql.DB, id uuid.UUID) {
	db.Exec("SET app.tenant_id = '" + id.String() + "'") // want `set-not-local: SET sets app.tenant_id` `set-injection: SET app.tenant_id is put together from strings; the value is a UUID here`
}

func sessionOnSqlx(db *sqlx.DB) {
	db.MustExec(`SET SESSION app.tenant_id TO 'a'`) // want `set-not-local`
}

func sessionInTransaction(ctx context.Context, tx pgx.Tx, id string) {
	tx.Exec(ctx, "select set_config('app.tenant_id', $1, false)", id) // want `set-not-local: .* it outlives the transaction`
}

// The flag that says local is a bound value.
func boundFlag(ctx context.Context, tx pgx.Tx, id string) {
	tx.Exec(ctx, "select set_config($1, $2, $3)", "app.tenant_id", id, false) // want `set-not-local`
	tx.Exec(ctx, "select set_config($1, $2, $3)", "app.tenant_id", id, true)
}

func acquired(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id) // want `set-not-local: .* on a connection of a pool, so the next user of the connection works as this tenant`
}

func acquiredAndReset(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
	defer conn.Exec(ctx, "RESET app.tenant_id")
}

func acquiredAndDiscarded(ctx context.Context, db *sql.DB, id string) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return
	}
	defer func() {
		conn.ExecContext(ctx, "DISCARD ALL")
		conn.Close()
	}()
	conn.ExecContext(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
}

func acquiredAndResetOther(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id) // want `set-not-local`
	defer conn.Exec(ctx, "RESET statement_timeout")
}

func hijacked(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
	defer conn.Hijack().Close(ctx)
}

func ownConnection(ctx context.Context, id string) {
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		return
	}
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
}

func acquireFunc(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		_, err := conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id) // want `set-not-local`
		return err
	})
}

func localOnPool(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id) // want `set-outside-transaction: set_config sets app.tenant_id for the transaction on a connection pool, where none is open`
}

func localOnConnection(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id) // want `set-outside-transaction`
}

func localAfterBegin(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	conn.Exec(ctx, "BEGIN")
	conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	conn.Exec(ctx, "COMMIT")
}

func localInTransactionOfConnection(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return
	}
	tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
}

func localInOneText(ctx context.Context, pool *pgxpool.Pool) {
	pool.Exec(ctx, "BEGIN; SET LOCAL app.tenant_id = 'a'; UPDATE invoice SET total = 0; COMMIT")
}

// The statements of one text, and of one batch, are one transaction.
func localInOneTextWithoutBegin(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.Exec(ctx, "SET LOCAL app.tenant_id = 'a'; UPDATE invoice SET total = 0")
	pool.Exec(ctx, "SET LOCAL app.tenant_id = 'a'; SET LOCAL lock_timeout = '1s'") // want `set-outside-transaction`
	batch := &pgx.Batch{}
	batch.Queue("SELECT set_config('app.tenant_id', $1, true)", id)
	batch.Queue("UPDATE invoice SET total = 0")
	pool.SendBatch(ctx, batch)
	left := &pgx.Batch{}
	left.Queue("SELECT set_config('app.tenant_id', $1, false)", id) // want `set-not-local: .* on a connection pool`
	pool.SendBatch(ctx, left)
}

// The setting holds for the statement that makes it.
func localInOneStatement(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.Query(ctx, `WITH s AS (SELECT set_config('app.tenant_id', $1, true)) SELECT i.id FROM s, invoice i`, id)
}

func localInTransaction(ctx context.Context, pool *pgxpool.Pool, id string) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return
	}
	tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
		return err
	})
}

// Settings that carry no tenant.
func otherSettings(ctx context.Context, pool *pgxpool.Pool, tx pgx.Tx, limit time.Duration, text string) {
	pool.Exec(ctx, "SET statement_timeout = '5s'")
	pool.Exec(ctx, "SET LOCAL lock_timeout = '1s'")
	tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", limit.Milliseconds()))
	tx.Exec(ctx, "SET LOCAL lock_timeout = '"+text+"'")
	tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
	tx.Exec(ctx, "SET CONSTRAINTS ALL DEFERRED")
	pool.Exec(ctx, "SET ROLE reporting")
	pool.Exec(ctx, "SET search_path TO app, public")
}

func roleAndSchema(ctx context.Context, pool *pgxpool.Pool, tx pgx.Tx, name string) {
	pool.Exec(ctx, "SET ROLE "+pgx.Identifier{name}.Sanitize()) // want `set-not-local: SET sets role`
	tx.Exec(ctx, "SET LOCAL search_path TO "+name)              // want `set-injection: SET LOCAL search_path is put together from strings: a value chosen by a caller selects any schema`
	tx.Exec(ctx, "SET LOCAL ROLE "+name)                        // want `set-injection: SET LOCAL role is put together from strings: a value chosen by a caller selects any role`
	tx.Exec(ctx, "SET LOCAL search_path TO "+pgx.Identifier{name}.Sanitize())
	tx.Exec(ctx, "SELECT set_config('search_path', $1, true)", name)
}

func injection(ctx context.Context, tx pgx.Tx, id string, number int64, key uuid.UUID) {
	tx.Exec(ctx, fmt.Sprintf("SET LOCAL app.tenant_id = '%s'", id))    // want `set-injection: SET LOCAL app.tenant_id is put together from strings: a value with a quote in it`
	tx.Exec(ctx, "SELECT set_config('app.tenant_id', '"+id+"', true)") // want `set-injection: set_config app.tenant_id`
	tx.Exec(ctx, fmt.Sprintf("SET LOCAL app.tenant_id = '%s'", key))   // want `set-injection: .*the value is a UUID here, but nothing keeps it one`
	tx.Exec(ctx, fmt.Sprintf("SET LOCAL app.tenant_id = '%d'", number))
	tx.Exec(ctx, "SET LOCAL app.tenant_id = 'a'")
}

func parsedFirst(ctx context.Context, tx pgx.Tx, id string) error {
	if _, err := uuid.Parse(id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL app.tenant_id = '%s'", id)) // want `set-injection: .*the value is a UUID here`
	return err
}

func withParameter(ctx context.Context, tx pgx.Tx, db *sqlx.DB, id string) {
	tx.Exec(ctx, "SET LOCAL app.tenant_id = $1", id)                                  // want `set-with-parameter: SET app.tenant_id takes no bind parameter: PostgreSQL refuses the statement with a syntax error, and the tenant is never set`
	tx.Exec(ctx, "SET LOCAL app.tenant_id = $1", pgx.QueryExecModeSimpleProtocol, id) // want `set-with-parameter: .* it works here only as long as the simple protocol`
	tx.Exec(ctx, "SET LOCAL app.tenant_id = $1", pgx.QueryExecModeExec, id)           // want `set-with-parameter: .* and the tenant is never set`
	tx.Exec(ctx, "SET LOCAL statement_timeout = $1", 5)                               // want `set-with-parameter: SET statement_timeout takes no bind parameter`
}

func order(ctx context.Context, pool *pgxpool.Pool, id string, early bool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "SELECT code FROM currency"); err != nil {
		return err
	}
	if early {
		tx.Exec(ctx, "UPDATE invoice SET total = 0") // want `query-before-set: the query on invoice runs before app.tenant_id is set`
	}
	if _, err := tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "DELETE FROM invoice")
	return err
}

// Either branch sets the tenant before its queries.
func branches(ctx context.Context, tx pgx.Tx, id string, admin bool) {
	if admin {
		tx.Exec(ctx, "DELETE FROM invoice")
	} else {
		tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
		tx.Exec(ctx, "DELETE FROM invoice")
	}
}

//tenantvet:cross-tenant the nightly export works through all tenants on one connection
func declared(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
}

func suppressed(ctx context.Context, pool *pgxpool.Pool, id string) {
	//tenantvet:ignore set-not-local the pool has one connection and one tenant
	pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
}

type chained struct {
	next *chained
	tx   pgx.Tx
}

// itself runs on a handle in a struct that is read from itself alone.
func itself(ctx context.Context, id string) func() {
	var c *chained
	c = c.next
	return func() { c.tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id) }
}
