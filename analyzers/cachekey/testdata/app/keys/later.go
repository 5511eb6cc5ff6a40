package keys

import "context"

// What go and defer call reads and writes caches as well.
func (s *store) later(ctx context.Context, ns Namespace) {
	go s.rdb.Set(ctx, "namespace:"+ns.Name, ns.ID, 0) // want `cache-key-unscoped`
	defer s.rdb.Get(ctx, "limits:"+ns.Name)           // want `cache-key-unscoped`
	defer s.rdb.Get(ctx, ns.WorkspaceID+":"+ns.Name)
}
