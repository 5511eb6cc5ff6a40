//tenantvet:cross-tenant jobs run for all tenants at once
package jobs

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

func Run(ctx context.Context, pool *pgxpool.Pool) { pool.Query(ctx, "SELECT id FROM invoice") }
