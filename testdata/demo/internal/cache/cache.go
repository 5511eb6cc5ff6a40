// Package cache keeps rendered invoices in Redis.
package cache

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Invoices caches rendered invoices.
type Invoices struct {
	client *redis.Client
}

// New returns a cache on a Redis server.
func New(client *redis.Client) *Invoices { return &Invoices{client: client} }

// Get returns a rendered invoice of one tenant.
func (c *Invoices) Get(ctx context.Context, tenantID uuid.UUID, number string) (string, error) {
	return c.client.Get(ctx, key(tenantID, number)).Result()
}

// Set keeps a rendered invoice of one tenant for an hour.
func (c *Invoices) Set(ctx context.Context, tenantID uuid.UUID, number, page string) error {
	return c.client.Set(ctx, key(tenantID, number), page, time.Hour).Err()
}

func key(tenantID uuid.UUID, number string) string {
	return fmt.Sprintf("invoice:%s:%s", tenantID, number)
}
