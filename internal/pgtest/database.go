package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Database is a fresh database on a server, dropped with its roles when the test ends.
type Database struct {
	Server *Server
	Name   string

	mu    sync.Mutex
	roles []string
}

// Database creates a database and runs the given SQL in it as the superuser.
func (s *Server) Database(t testing.TB, sql ...string) *Database {
	t.Helper()
	d := &Database{Server: s, Name: randomName("db")}
	s.Exec(t, "postgres", "CREATE DATABASE "+d.Name)
	t.Cleanup(func() {
		statements := []string{"DROP DATABASE " + d.Name + " WITH (FORCE)"}
		for _, role := range d.roles {
			statements = append(statements, "DROP ROLE IF EXISTS "+role)
		}
		for _, statement := range statements {
			if err := runErr(s.DSN("postgres", Superuser), statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
	for _, statement := range sql {
		d.Exec(t, statement)
	}
	return d
}

// Role creates a role under a random name, with attributes such as "LOGIN NOBYPASSRLS", and returns the name.
func (d *Database) Role(t testing.TB, attributes string) string {
	t.Helper()
	role := randomName("role")
	d.Exec(t, "CREATE ROLE "+role+" "+attributes)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.roles = append(d.roles, role)
	return role
}

// DSN returns the connection string of a user.
func (d *Database) DSN(user string) string { return d.Server.DSN(d.Name, user) }

// Exec runs SQL, which may hold several statements, as the superuser.
func (d *Database) Exec(t testing.TB, sql string) {
	t.Helper()
	run(t, d.DSN(Superuser), sql)
}

// ExecAs runs SQL as a user and returns the server's error: whether a statement is refused is often the question.
func (d *Database) ExecAs(user, sql string) error { return runErr(d.DSN(user), sql) }

// Connect opens a connection that is closed when the test ends.
func (d *Database) Connect(t testing.TB, user string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.DSN(user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// randomName returns a name that needs no quotes in SQL.
func randomName(prefix string) string {
	return fmt.Sprintf("%s_%s", prefix, strings.ToLower(rand.Text()[:12]))
}
