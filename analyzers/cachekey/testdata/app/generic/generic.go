// Package generic is a typed cache with a loader, as many programs have one.
package generic

import (
	"context"

	"github.com/maypok86/otter"
)

// Cache keeps values by keys.
type Cache[K comparable, V any] interface {
	Get(ctx context.Context, key K) (V, bool)                          // want Get:"cache wrapper"
	SWR(ctx context.Context, key K, load func() (V, error)) (V, error) // want SWR:"cache wrapper"
}

type memory[K comparable, V any] struct{ otter otter.Cache[K, V] }

// New returns a cache in memory.
func New[K comparable, V any]() Cache[K, V] { return &memory[K, V]{} }

func (m *memory[K, V]) Get(ctx context.Context, key K) (V, bool) { return m.otter.Get(key) } // want Get:"cache wrapper"

func (m *memory[K, V]) SWR(ctx context.Context, key K, load func() (V, error)) (V, error) { // want SWR:"cache wrapper"
	if v, ok := m.otter.Get(key); ok {
		return v, nil
	}
	v, err := load()
	m.otter.Set(key, v)
	return v, err
}

// ScopedKey is a key within a workspace.
type ScopedKey struct{ WorkspaceID, Key string }

type namespace struct{ ID, WorkspaceID, Name string }

type handler struct {
	byName Cache[string, namespace]
	scoped Cache[ScopedKey, namespace]
}

type request struct{ Namespace string }

func find(workspaceID, name string) (namespace, error) { return namespace{}, nil }

func (h *handler) before(ctx context.Context, workspaceID string, req request) {
	h.byName.SWR(ctx, req.Namespace, func() (namespace, error) { // want `cache-key-unscoped: the key of generic.Cache.SWR .* req.Namespace, while the value is made with workspaceID`
		return find(workspaceID, req.Namespace)
	})
}

func (h *handler) after(ctx context.Context, workspaceID string, req request) {
	h.scoped.SWR(ctx, ScopedKey{WorkspaceID: workspaceID, Key: req.Namespace}, func() (namespace, error) {
		return find(workspaceID, req.Namespace)
	})
}

// mapped is built by a generic helper.
func (h *handler) mapped(ctx context.Context, workspaceID string, names []string) {
	for _, key := range collect(names, func(name string) ScopedKey { return ScopedKey{workspaceID, name} }) {
		h.scoped.Get(ctx, key)
	}
}

func collect[T, U any](in []T, f func(T) U) []U { return nil }
