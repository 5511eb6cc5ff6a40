// Package tenant carries the tenant of a request through its context.
package tenant

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

type key struct{}

// ErrMissing means that a request reached the service without a tenant.
var ErrMissing = errors.New("no tenant in context")

// NewContext returns a context that carries the tenant.
func NewContext(ctx context.Context, tenantID uuid.UUID) context.Context {
	return context.WithValue(ctx, key{}, tenantID)
}

// FromContext returns the tenant of a request.
func FromContext(ctx context.Context) (uuid.UUID, error) {
	tenantID, ok := ctx.Value(key{}).(uuid.UUID)
	if !ok {
		return uuid.Nil, ErrMissing
	}
	return tenantID, nil
}
