package pgx

import "context"

type QueryExecMode int32

const (
	_ QueryExecMode = iota
	QueryExecModeCacheStatement
	QueryExecModeCacheDescribe
	QueryExecModeDescribeExec
	QueryExecModeExec
	QueryExecModeSimpleProtocol
)

func Connect(ctx context.Context, connString string) (*Conn, error) { return nil, nil }

func (*Conn) Close(ctx context.Context) error { return nil }

type ConnConfig struct {
	DefaultQueryExecMode QueryExecMode
}

func ParseConfig(connString string) (*ConnConfig, error) { return nil, nil }
