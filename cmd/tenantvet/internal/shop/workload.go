package shop

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// call is one statement of the service, executed some times for each tenant.
type call struct {
	times int
	text  string
	args  func(n int) []any
}

// calls are what the service executes: most by tenant, some in ways that an audit should find.
var calls = []call{
	{40, "SELECT id, email FROM customers WHERE id = $1", func(n int) []any { return []any{n} }},
	{30, "SELECT id, total, status FROM orders WHERE tenant_id = current_setting('app.tenant_id')::uuid AND customer_id = $1", func(n int) []any { return []any{n} }},
	{20, "SELECT sku, amount FROM order_lines WHERE order_id = $1 ORDER BY position", func(n int) []any { return []any{n} }},
	{6, "UPDATE orders SET status = $2 WHERE id = $1", func(n int) []any { return []any{n, "paid"} }},
	// No index leads with the tenant.
	{4, "SELECT sum(amount) FROM payments WHERE paid_at >= $1::timestamptz", func(int) []any { return []any{"2026-11-12"} }},
	// No policy, no tenant, no index.
	{8, "SELECT id, body FROM notes WHERE order_id = $1", func(n int) []any { return []any{n} }},
	{1, "SELECT count(*), max(id) FROM notes WHERE body LIKE $1", func(int) []any { return []any{"%call back%"} }},
	// Through a view that no policy binds.
	{1, "SELECT customer_id, total FROM order_totals ORDER BY total DESC LIMIT $1", func(int) []any { return []any{10} }},
	// For several tenants at once.
	{1, "SELECT tenant_id, count(*) FROM notes WHERE tenant_id = ANY ($1::uuid[]) GROUP BY tenant_id", func(n int) []any { return []any{[]string{tenant(n), tenant(n + 1)}} }},
	// A partition by its own name.
	{1, "SELECT count(*) FROM events_2026_11 WHERE at > $1::timestamptz", func(int) []any { return []any{"2026-11-19"} }},
}

// tenants is how many of the forty the history is about.
const tenants = 20

func tenant(n int) string { return fmt.Sprintf("5bd0c1e0-0000-4000-8000-%012x", 1+n%40) }

// work executes the statements as the service does: in transactions that set the tenant.
func work(ctx context.Context, conn *pgx.Conn) error {
	for n := range tenants {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			batch.Queue("SELECT set_config('app.tenant_id', $1, true)", tenant(n))
			for _, c := range calls {
				for i := range c.times {
					batch.Queue(c.text, c.args(n*c.times+i+1)...)
				}
			}
			return tx.SendBatch(ctx, batch).Close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
