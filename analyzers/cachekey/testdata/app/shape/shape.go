// Package shape uses interfaces whose implementations are elsewhere.
package shape

import "context"

type SessionCache interface {
	Get(ctx context.Context, key string, into any) error
	Set(ctx context.Context, key string, value any) error
	Delete(ctx context.Context, key string) error
}

// TenantCache takes the tenant beside the key.
type TenantCache interface {
	Get(ctx context.Context, workspaceID, key string) (string, error)
}

// Registry is no cache.
type Registry interface {
	Get(ctx context.Context, key string) string
}

type usage struct{ WorkspaceID string }

func use(ctx context.Context, c SessionCache, t TenantCache, r Registry, workspaceID, name string) {
	var u usage
	c.Get(ctx, "usage:"+name, &u) // want `cache-key-unscoped: the key of shape.SessionCache.Get .* while usage belongs to one tenant`
	c.Get(ctx, "usage:"+workspaceID, &u)
	c.Delete(ctx, "usages:"+name)
	t.Get(ctx, workspaceID, "usage:"+name)
	r.Get(ctx, "usage:"+name)
}
