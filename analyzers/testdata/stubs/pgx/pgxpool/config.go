package pgxpool

import (
	"context"

	"github.com/jackc/pgx/v5"
)

type Config struct {
	ConnConfig    *pgx.ConnConfig
	AfterConnect  func(context.Context, *pgx.Conn) error
	BeforeAcquire func(context.Context, *pgx.Conn) bool
	PrepareConn   func(context.Context, *pgx.Conn) (bool, error)
	AfterRelease  func(*pgx.Conn) bool
}

func ParseConfig(connString string) (*Config, error)                     { return nil, nil }
func NewWithConfig(ctx context.Context, config *Config) (*Pool, error)   { return nil, nil }
func (*Pool) AcquireFunc(ctx context.Context, f func(*Conn) error) error { return nil }
func (*Conn) Conn() *pgx.Conn                                            { return nil }
func (*Conn) Hijack() *pgx.Conn                                          { return nil }
