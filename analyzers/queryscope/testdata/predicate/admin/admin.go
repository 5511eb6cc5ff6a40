// Package admin is declared cross-tenant in the model.
package admin

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

func List(ctx context.Context, pool *pgxpool.Pool) { pool.Query(ctx, "SELECT id FROM invoice") }
