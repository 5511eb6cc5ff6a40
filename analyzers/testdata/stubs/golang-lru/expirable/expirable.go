// Package expirable is a stub.
package expirable

type LRU[K comparable, V any] struct{}

func (c *LRU[K, V]) Get(key K) (value V, ok bool)      { return value, false }
func (c *LRU[K, V]) Add(key K, value V) (evicted bool) { return false }
