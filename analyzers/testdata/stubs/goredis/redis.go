// Package redis is a stub.
package redis

import (
	"context"
	"time"
)

type StringCmd struct{}

func (*StringCmd) Result() (string, error) { return "", nil }
func (*StringCmd) Bytes() ([]byte, error)  { return nil, nil }

type StatusCmd struct{}

func (*StatusCmd) Err() error { return nil }

type IntCmd struct{}

func (*IntCmd) Err() error { return nil }

type BoolCmd struct{}

func (*BoolCmd) Result() (bool, error) { return false, nil }

type SliceCmd struct{}

type Cmd struct{}

func (*Cmd) Err() error { return nil }

type Scripter interface {
	Eval(ctx context.Context, script string, keys []string, args ...interface{}) *Cmd
}

type Cmdable interface {
	Scripter
	Get(ctx context.Context, key string) *StringCmd
	HGet(ctx context.Context, key, field string) *StringCmd
	MGet(ctx context.Context, keys ...string) *SliceCmd
	MSet(ctx context.Context, values ...interface{}) *StatusCmd
	Set(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd
	SetNX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd
	Incr(ctx context.Context, key string) *IntCmd
	Del(ctx context.Context, keys ...string) *IntCmd
	Publish(ctx context.Context, channel string, message interface{}) *IntCmd
}

type Pipeliner interface {
	Cmdable
	Len() int
}

type cmdable func()

func (cmdable) Get(ctx context.Context, key string) *StringCmd             { return nil }
func (cmdable) HGet(ctx context.Context, key, field string) *StringCmd     { return nil }
func (cmdable) MGet(ctx context.Context, keys ...string) *SliceCmd         { return nil }
func (cmdable) MSet(ctx context.Context, values ...interface{}) *StatusCmd { return nil }
func (cmdable) Set(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd {
	return nil
}
func (cmdable) SetNX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd {
	return nil
}
func (cmdable) Incr(ctx context.Context, key string) *IntCmd                             { return nil }
func (cmdable) Del(ctx context.Context, keys ...string) *IntCmd                          { return nil }
func (cmdable) Publish(ctx context.Context, channel string, message interface{}) *IntCmd { return nil }
func (cmdable) Eval(ctx context.Context, script string, keys []string, args ...interface{}) *Cmd {
	return nil
}

type Client struct{ cmdable }

func (*Client) Pipeline() Pipeliner { return nil }

type Script struct{}

func NewScript(src string) *Script { return nil }
func (*Script) Run(ctx context.Context, c Scripter, keys []string, args ...interface{}) *Cmd {
	return nil
}
