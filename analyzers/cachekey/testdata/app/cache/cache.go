// Package cache wraps redis for the rest of the program.
package cache

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cache is what the rest of the program uses.
type Cache interface {
	Get(ctx context.Context, key string) (string, error)              // want Get:"cache wrapper"
	Set(ctx context.Context, key, value string) error                 // want Set:"cache wrapper"
	Fetch(ctx context.Context, key string, load func() string) string // want Fetch:"cache wrapper"
	Drop(ctx context.Context, key string) error                       // want Drop:"cache wrapper"
}

// Redis is a Cache.
type Redis struct {
	rdb    *redis.Client
	prefix string
}

// New returns a cache whose keys begin with the name of the service.
func New(rdb *redis.Client) *Redis { return &Redis{rdb: rdb, prefix: "billing"} }

func (r *Redis) full(key string) string { return r.prefix + ":" + key }

func (r *Redis) Get(ctx context.Context, key string) (string, error) { // want Get:"cache wrapper"
	return r.rdb.Get(ctx, r.full(key)).Result()
}

func (r *Redis) Set(ctx context.Context, key, value string) error { // want Set:"cache wrapper"
	return r.rdb.Set(ctx, r.full(key), value, time.Hour).Err()
}

func (r *Redis) Fetch(ctx context.Context, key string, load func() string) string { // want Fetch:"cache wrapper"
	if value, err := r.Get(ctx, key); err == nil {
		return value
	}
	value := load()
	r.Set(ctx, key, value)
	return value
}

func (r *Redis) Drop(ctx context.Context, key string) error { // want Drop:"cache wrapper"
	return r.rdb.Del(ctx, r.full(key)).Err()
}

// Key makes a key of a workspace.
func Key(workspaceID, name string) string { // want Key:"tenant"
	return fmt.Sprintf("%s:%s", workspaceID, name)
}

// Join puts parts together.
func Join(a, b string) string { return a + ":" + b } // want Join:"params"

// Prefix is the same for all.
var Prefix = "app" // want Prefix:"no tenant"

// Scoped is a cache of one workspace.
type Scoped struct {
	rdb    *redis.Client
	prefix string
}

// For returns the cache of a workspace.
func For(rdb *redis.Client, workspaceID string) *Scoped {
	return &Scoped{rdb: rdb, prefix: "ws:" + workspaceID + ":"}
}

// Get takes any name.
func (s *Scoped) Get(ctx context.Context, name string) (string, error) {
	return s.rdb.Get(ctx, s.prefix+name).Result()
}

// Object knows its own key.
type Object interface{ CacheKey() string }

// Store keeps an object.
func Store(ctx context.Context, c Cache, o Object) error { // want Store:"cache wrapper"
	return c.Set(ctx, o.CacheKey(), "")
}
