package calls

import "context"

// What runs SQL under a name of its own.

type runner interface {
	Run(ctx context.Context, sql string, args ...any) error
	Fetch(ctx context.Context, sql string) (int, error)
	Explain(sql string) error
	Trace(ctx context.Context, text string) context.Context
}

type repository struct {
	exec func(ctx context.Context, sql string, args ...any) error
	run  runner
}

func (r *repository) opaque(ctx context.Context, id string, table string) {
	r.exec(ctx, "DELETE FROM invoice WHERE id = $1", id)        // want `handle\(1\): DELETE FROM invoice WHERE id = \$1`
	r.run.Run(ctx, "UPDATE invoice SET paid = true")            // want `handle: UPDATE invoice SET paid = true`
	r.run.Fetch(ctx, "SELECT count(*) FROM invoice WHERE true") // want `handle: SELECT count`
	r.run.Fetch(ctx, "SELECT id FROM "+table+" WHERE true")     // want `handle: SELECT id FROM \{`
	r.run.Explain("SELECT id FROM invoice WHERE true")
	r.run.Trace(ctx, "SELECT id FROM invoice WHERE true")
	r.run.Fetch(ctx, table)
	with(func(ctx context.Context, sql string) error { return nil })
}

func with(f func(ctx context.Context, sql string) error) {
	f(context.Background(), "TRUNCATE invoice") // want `handle: TRUNCATE invoice`
}
