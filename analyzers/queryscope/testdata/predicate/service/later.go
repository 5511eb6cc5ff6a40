package service

import "context"

// What go and defer call is judged like any other call.

func (s *Service) unscopedLater(ctx context.Context) {
	go s.pool.Exec(ctx, "UPDATE invoice SET status = 'late'") // want "query-unscoped"
	defer s.pool.Exec(ctx, "DELETE FROM payment")             // want "query-unscoped"
}

func (s *Service) withoutItsTenantLater(ctx context.Context, tenantID, id string) {
	if tenantID == "" {
		return
	}
	go s.pool.Exec(ctx, "DELETE FROM invoice WHERE id = $1", id) // want "tenant-unused"
	defer s.queries.DeletePayment(ctx, id)
	observe(tenantID)
}

func observe(string) {}
