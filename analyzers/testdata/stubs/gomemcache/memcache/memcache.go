// Package memcache is a stub.
package memcache

type Item struct {
	Key   string
	Value []byte
}

type Client struct{}

func (*Client) Get(key string) (item *Item, err error) { return nil, nil }
func (*Client) Set(item *Item) error                   { return nil }
