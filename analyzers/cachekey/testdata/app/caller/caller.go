// Package caller uses the cache of another package.
package caller

import (
	"context"

	"example.com/app/cache"
)

type service struct {
	cache cache.Cache
	redis *cache.Redis
}

func load(workspaceID, name string) string { return "" }

func (s *service) plan(ctx context.Context, workspaceID, name string) string {
	return s.cache.Fetch(ctx, "plan:"+name, func() string { // want `cache-key-unscoped: the key of cache.Cache.Fetch does not contain the tenant: it is made of name, while the value is made with workspaceID`
		return load(workspaceID, name)
	})
}

func (s *service) scoped(ctx context.Context, workspaceID, name string) {
	s.cache.Fetch(ctx, cache.Key(workspaceID, name), func() string { return load(workspaceID, name) })
	s.cache.Fetch(ctx, cache.Join(workspaceID, name), func() string { return load(workspaceID, name) })
	s.redis.Set(ctx, cache.Prefix+workspaceID, load(workspaceID, name))
}

func (s *service) joined(ctx context.Context, workspaceID, name string) {
	s.redis.Set(ctx, cache.Join(cache.Prefix, name), load(workspaceID, name)) // want `cache-key-unscoped: the key of cache.Redis.Set`
	s.cache.Drop(ctx, cache.Join("plan", name))
}

type byWorkspace struct{ WorkspaceID, Name string }

func (b byWorkspace) CacheKey() string { return cache.Key(b.WorkspaceID, b.Name) } // want CacheKey:"tenant"

type byName struct{ WorkspaceID, Name string }

func (b byName) CacheKey() string { return "plan:" + b.Name } // want CacheKey:"no tenant"

func (s *service) objects(ctx context.Context, workspaceID, name string) {
	cache.Store(ctx, s.cache, byWorkspace{workspaceID, name})
	cache.Store(ctx, s.cache, byName{workspaceID, name}) // want `cache-key-unscoped: the key of cache.Store`
}

// What nobody sees into stays open.
func (s *service) unknown(ctx context.Context, workspaceID string, key func() string) {
	s.cache.Set(ctx, key(), load(workspaceID, ""))
}
