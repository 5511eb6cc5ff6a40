package livecheck

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// connectTimeout bounds a connection attempt whose DSN does not say connect_timeout.
const connectTimeout = 10 * time.Second

// cancelTimeout is how long the server may take to end a statement that is cancelled.
const cancelTimeout = 2 * time.Second

// Connect opens a connection for an audit: one that prepares no statement in the session, which behind
// a pooler is not its own. Errors name host, user and database, never the password.
func Connect(ctx context.Context, dsn string) (*pgx.Conn, error) {
	config, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("cannot audit: %s%s", reasonsOf(poolerRefusal(err)), connectRemedy(err))
	}
	return conn, nil
}

// reasonsOf writes the error of connecting in one line, each reason once: each address of the host is
// tried, with TLS and without.
func reasonsOf(err error) string {
	head, rest, several := strings.Cut(err.Error(), ":\n")
	if !several {
		return strings.Join(strings.Fields(err.Error()), " ")
	}
	var reasons []string
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(reasons, line) {
			reasons = append(reasons, line)
		}
	}
	return head + ": " + strings.Join(reasons, "; ")
}

// connectRemedy says what may help against an error of connecting; empty where the error itself does.
func connectRemedy(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		var timeout net.Error
		switch {
		case strings.Contains(err.Error(), "server refused TLS connection"):
			return ": the server has no TLS: leave sslmode out, or turn ssl on there"
		case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
			return ": nobody answers there: a firewall may drop what is sent, or the port is not PostgreSQL's (connect_timeout says how long to wait)"
		}
		return ""
	}
	switch {
	case refused.Code == "28P01":
		return ": give the password in PGPASSWORD or in ~/.pgpass"
	case refused.Code == "28000" && strings.Contains(refused.Message, "no encryption"):
		return ": the server wants TLS: say sslmode=require, or verify-full with its certificate"
	case refused.Code == "42704" && strings.Contains(refused.Message, "configuration parameter"):
		return ": leave it out of the connection string: it is another tool's and not PostgreSQL's"
	case refused.Code == "3D000":
		return ": say dbname=… or the path of the URL: without one it is the name of the user"
	case refused.Code == "57P03":
		return ": the server starts, ends, or recovers without hot_standby: try again later"
	case refused.Code == "53300":
		return ": all connections of the server or of the role are in use"
	}
	return ""
}

// Target returns the database that a DSN means, named as in Audit.Database, and its server, without
// connecting.
func Target(dsn string) (database, server string, err error) {
	config, err := parse(dsn)
	if err != nil {
		return "", "", err
	}
	return nameOf(config), fmt.Sprintf("%s:%d", config.Host, config.Port), nil
}

func parse(dsn string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		var broken *pgconn.ParseConfigError
		if errors.As(err, &broken) {
			// The error repeats the DSN; what is redacted in it depends on how it is broken.
			return nil, errors.New("the DSN is neither a postgres:// URL nor a list of key=value pairs, or one of its values is invalid")
		}
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.DialFunc = patient(config.DialFunc, patience)
	// An interrupt ends the statement on the server too, which otherwise goes on with it for nobody.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelTimeout}
	}
	return config, nil
}
