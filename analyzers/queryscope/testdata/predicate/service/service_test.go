package service

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

func seed(ctx context.Context, pool *pgxpool.Pool) { pool.Exec(ctx, "DELETE FROM invoice") }
