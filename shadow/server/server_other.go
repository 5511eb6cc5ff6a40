//go:build !unix

package server

import (
	"context"
	"errors"
	"fmt"
)

const port = 5432

// Server is a running PostgreSQL server.
type Server struct{ Major int }

// Start fails: a server without a TCP port needs unix sockets.
func Start(_ context.Context, _ string, major int, _ ...string) (*Server, error) {
	return nil, fmt.Errorf("start PostgreSQL %d: %w", major, errors.New("private servers need a Unix system; name a server instead"))
}

// Close does nothing.
func (s *Server) Close() {}

// SocketDir is empty.
func (s *Server) SocketDir() string { return "" }
