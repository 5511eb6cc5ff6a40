package service

import "context"

// A statement is judged under whatever name it is run.

type executor interface {
	Run(ctx context.Context, sql string, args ...any) error
}

type outbox struct {
	exec func(ctx context.Context, sql string, args ...any) error
	on   executor
}

func (o *outbox) clear(ctx context.Context, tenantID string) {
	o.exec(ctx, "DELETE FROM invoice WHERE paid") // want "query-unscoped"
	o.exec(ctx, "DELETE FROM invoice WHERE tenant_id = $1", tenantID)
	o.on.Run(ctx, "UPDATE invoice SET paid = true") // want "query-unscoped"
	o.on.Run(ctx, "UPDATE invoice SET paid = true WHERE tenant_id = $1", tenantID)
}
