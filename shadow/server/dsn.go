// Package server starts private, throw-away PostgreSQL servers from binaries on this machine.
//
// A server has its own data directory, a unix socket and no TCP port, so any number of them run at
// once, and nobody else's connections reach them.
package server

import (
	"fmt"
	"strings"
)

// Superuser is the owner of every server: it bypasses row-level security.
const Superuser = "postgres"

// settings make a server quick and its behaviour repeatable. Nothing here changes what a statement sees or may do.
var settings = []string{
	"listen_addresses=",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"autovacuum=off", // statistics and pg_stat views change only when somebody says so
	"shared_buffers=32MB",
}

// DSN returns a connection string in keyword/value form.
func (s *Server) DSN(database, user string) string {
	return fmt.Sprintf("host=%s port=%d dbname=%s user=%s", s.SocketDir(), port, quoteValue(database), quoteValue(user))
}

func quoteValue(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
