// Package otter is a stub.
package otter

type baseCache[K comparable, V any] struct{}

func (bs baseCache[K, V]) Get(key K) (V, bool) { var v V; return v, false }
func (bs baseCache[K, V]) Delete(key K)        {}

type Cache[K comparable, V any] struct{ baseCache[K, V] }

func (c Cache[K, V]) Set(key K, value V) bool { return false }
