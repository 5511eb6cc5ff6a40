// Package singleflight is a stub.
package singleflight

type Group struct{}

type Result struct{ Val interface{} }

func (g *Group) Do(key string, fn func() (interface{}, error)) (v interface{}, err error, shared bool) {
	return nil, nil, false
}
func (g *Group) DoChan(key string, fn func() (interface{}, error)) <-chan Result { return nil }
func (g *Group) Forget(key string)                                               {}
