// Package groupcache is a stub.
package groupcache

import "context"

type Sink interface{ SetString(s string) error }

type Group struct{}

func (g *Group) Get(ctx context.Context, key string, dest Sink) error { return nil }
