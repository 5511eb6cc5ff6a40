package livecheck

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
)

// pool judges what a pooler between the audit and the server means to the service, which is taken to
// connect by way of it too.
func (r *run) pool(ctx context.Context, w *Workload) error {
	if !r.audit.Pooled {
		return nil
	}
	shared, err := r.sharesSessions(ctx)
	if err != nil {
		return err
	}
	if shared {
		r.note("a pooler stands between, in transaction mode: a session is another client's after each transaction, so the tenant must be set by SET LOCAL or set_config(…, true) in each")
	} else {
		r.note("a pooler stands between; that it gives a session to several clients was not seen, so it is in session mode, or was busy")
	}
	r.audit.Result.Add(finding.Result{Findings: execModeUnsafe(r.conn.Config().ConnString(), shared)})
	r.audit.Result.Add(poolSessionState(w, r.audit.Model, shared))
	return nil
}

func (r *run) note(text string) { r.audit.Result.Notes = append(r.audit.Result.Notes, text) }

// Bounds of looking for a session that two clients are given.
const (
	shareTries   = 5
	shareTimeout = 2 * time.Second
)

// sharesSessions reports whether a second client, while this one stays connected, is given the session
// that this one had: a pooler in session mode never does that. Neither sets anything.
func (r *run) sharesSessions(ctx context.Context) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, shareTimeout)
	defer cancel()
	second, err := pgx.ConnectConfig(limited, r.conn.Config())
	if err != nil {
		return false, ctx.Err() // in session mode there may be no session left
	}
	defer second.Close(context.WithoutCancel(ctx))
	seen := map[uint32]bool{}
	for range shareTries {
		theirs, err := backendOf(limited, second)
		if err != nil {
			return false, ctx.Err()
		}
		if seen[theirs] {
			return true, nil
		}
		own, err := backendOf(limited, r.conn)
		if err != nil {
			return false, err
		}
		seen[own] = true
	}
	return false, nil
}

// backendOf returns the server's process that a transaction of a connection has.
func backendOf(ctx context.Context, conn *pgx.Conn) (pid uint32, err error) {
	tx, err := begin(ctx, conn)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(ctx) // it has written nothing
	return pid, tx.QueryRow(ctx, "SELECT pg_backend_pid() "+marker, pgx.QueryExecModeExec).Scan(&pid)
}

// execModeUnsafe judges the query mode that a connection string chooses.
func execModeUnsafe(dsn string, shared bool) []finding.Finding {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil
	}
	var f finding.Finding
	switch {
	case config.DefaultQueryExecMode == pgx.QueryExecModeDescribeExec:
		f = finding.New("pool-exec-mode-unsafe", finding.Position{}, "connection string",
			"default_query_exec_mode=describe_exec describes a statement in one round trip and executes it in the next: a pooler in transaction mode runs another client's statement in its place and returns that client's rows")
		if !shared {
			f.Severity = finding.Warning
		}
	case config.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement && strings.Contains(dsn, "cache_statement"):
		f = finding.New("pool-exec-mode-unsafe", finding.Position{}, "connection string",
			"default_query_exec_mode=cache_statement prepares statements in sessions that are other clients' later: queries fail behind PgBouncer before 1.21, and behind later ones without max_prepared_statements")
		f.Severity = finding.Warning
	default:
		return nil
	}
	f.Fix = &finding.Fix{Message: "take the mode exec, which needs one round trip", Code: "default_query_exec_mode=exec"}
	return []finding.Finding{f}
}
