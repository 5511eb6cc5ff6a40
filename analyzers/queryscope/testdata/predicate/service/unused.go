package service

import (
	"context"
	"errors"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/predicate/gen"
	"example.com/predicate/store"
)

type Service struct {
	pool    *pgxpool.Pool
	store   *store.Store
	querier store.Querier
	queries *gen.Queries
}

type invoice struct{ ID, TenantID string }

func (s *Service) Get(ctx context.Context, tenantID, id string) (string, error) {
	var total string
	err := s.pool.QueryRow(ctx, "SELECT total FROM invoice WHERE id = $1", id).Scan(&total) // want "tenant-unused: Get has the tenant \\(tenantID\\) but reaches invoice without it"
	return total, err
}

func (s *Service) Delete(ctx context.Context, tenantID, id string) error {
	slog.InfoContext(ctx, "deleting", "tenant", tenantID)
	return s.store.Delete(ctx, id) // want "tenant-unused"
}

func (s *Service) DeleteThroughInterface(ctx context.Context, tenantID, id string) error {
	return s.querier.Delete(ctx, id) // want "tenant-unused"
}

func (s *Service) DeletePayment(ctx context.Context, tenantID, id string) error {
	return s.queries.DeletePayment(ctx, id) // want "tenant-unused"
}

func (s *Service) FromContext(ctx context.Context, id string) error {
	slog.Info("", "tenant", TenantFromContext(ctx))
	return s.queries.DeletePayment(ctx, id) // want "tenant-unused"
}

func TenantFromContext(ctx context.Context) string { return "" }

func (s *Service) Given(ctx context.Context, tenantID, id string) error {
	return s.queries.ListPayments(ctx, tenantID)
}

func (s *Service) ComparedAfterwards(ctx context.Context, tenantID, id string) (*invoice, error) {
	var inv invoice
	if err := s.pool.QueryRow(ctx, "SELECT id, tenant_id FROM invoice WHERE id = $1", id).Scan(&inv.ID, &inv.TenantID); err != nil {
		return nil, err
	}
	if inv.TenantID != tenantID {
		return nil, errors.New("not found")
	}
	return &inv, nil
}

func (s *Service) CheckedBefore(ctx context.Context, tenantID, id string) error {
	if err := s.authorize(ctx, tenantID, id); err != nil {
		return err
	}
	return s.store.Delete(ctx, id)
}

func (s *Service) LoadedUnderTheTenant(ctx context.Context, tenantID, id string) error {
	var inv invoice
	s.pool.QueryRow(ctx, "SELECT id FROM invoice WHERE id = $1 AND tenant_id = $2", id, tenantID).Scan(&inv.ID)
	return s.store.Delete(ctx, inv.ID)
}

func (s *Service) OnlyWhetherThereIsOne(ctx context.Context, tenantID, id string) error {
	if tenantID == "" {
		return errors.New("no tenant")
	}
	return s.store.Delete(ctx, id) // want "tenant-unused"
}

func (s *Service) PinnedByAnother(ctx context.Context, tenantID string, row invoice) error {
	return s.queries.ListPayments(ctx, row.TenantID)
}

func (s *Service) InAClosure(ctx context.Context, tenantID, id string) error {
	return s.inTx(ctx, func() error {
		return s.store.Delete(ctx, id) // want "tenant-unused"
	})
}

func (s *Service) InAClosureChecked(ctx context.Context, tenantID, id string) error {
	return s.inTx(ctx, func() error {
		if err := s.authorize(ctx, tenantID, id); err != nil {
			return err
		}
		return s.store.Delete(ctx, id)
	})
}

func (s *Service) TellsAfterwards(ctx context.Context, tenantID, id string) error {
	if err := s.store.Delete(ctx, id); err != nil { // want "tenant-unused"
		return err
	}
	return s.publish(ctx, tenantID)
}

func (s *Service) Stub(ctx context.Context, tenantID, id string) error { return errors.ErrUnsupported }

//tenantvet:cross-tenant support may delete for any tenant
func (s *Service) Declared(ctx context.Context, tenantID, id string) error {
	return s.store.Delete(ctx, id)
}

// Tenanted is made for one tenant.
type Tenanted struct {
	pool     *pgxpool.Pool
	tenantID string
}

func (r *Tenanted) Delete(ctx context.Context, id string) {
	r.pool.Exec(ctx, "DELETE FROM invoice WHERE id = $1", id) // want "tenant-unused: Delete has the tenant \\(r.tenantID\\)"
}

func (r *Tenanted) DeleteOwn(ctx context.Context, id string) {
	r.pool.Exec(ctx, "DELETE FROM invoice WHERE id = $1 AND tenant_id = $2", id, r.tenantID)
}

func (s *Service) Named(ctx context.Context, tenantName, id string) error {
	return s.store.Delete(ctx, id)
}

func (s *Service) authorize(ctx context.Context, tenantID, id string) error { return nil }
func (s *Service) publish(ctx context.Context, tenantID string) error       { return nil }
func (s *Service) inTx(ctx context.Context, f func() error) error           { return f() }

// fallbackRepo is made for no tenant: a default is configuration.
type fallbackRepo struct {
	pool          *pgxpool.Pool
	defaultTenant string
}

func (r *fallbackRepo) Delete(ctx context.Context, id string) { // want Delete:"reaches invoice by key"
	r.pool.Exec(ctx, "DELETE FROM invoice WHERE id = $1", id)
}
