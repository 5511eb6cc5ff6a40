package livecheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Options say how a database is audited.
type Options struct {
	// Dir is the folder whose tenancy model holds when Model is nil.
	Dir string
	// Model is the tenancy model as the user gave it; what it leaves out is inferred from each database.
	Model      *tenancy.Model
	Statements StatementOptions
	Probes     ProbeOptions
	// Progress, when it is there, is called as the audit advances, from its goroutine.
	Progress func(Step)
}

// Step is how far an audit is.
type Step struct {
	// Database is that of the Audit.
	Database string
	// What is "catalog", "statements" or "probes".
	What        string
	Done, Total int
}

// Audit is what was learned about one database.
type Audit struct {
	// Database is host[:port]/dbname, never with credentials.
	Database string `json:"database"`
	// Server is the version, such as "18.4".
	Server string `json:"server"`
	// Role is whom the connection is.
	Role string `json:"role"`
	// Pooled says that a pooler stands between: no session is the audit's own.
	Pooled bool `json:"pooled,omitempty"`
	// Standby says that the server only replays what another one writes.
	Standby bool `json:"standby,omitempty"`
	// Partial says why the audit is not whole; empty when it is.
	Partial string         `json:"partial,omitempty"`
	Result  finding.Result `json:"-"`

	Schema  *pgschema.Schema    `json:"-"`
	Model   *tenancy.Model      `json:"-"`
	Classes *classify.Classes   `json:"-"`
	Matrix  *schemacheck.Matrix `json:"-"`

	// Statements are those that were judged, most total time first.
	Statements []Statement `json:"statements,omitempty"`
	// Probes are what was tried as the service's role.
	Probes []Probe `json:"probes,omitempty"`
	// Skew is what each tenant takes of the database.
	Skew *Skew `json:"skew,omitempty"`
}

// Run audits the database of a connection, which should come from Connect. It reads, in transactions
// that are rolled back, and leaves nothing in the session. The error says that nothing could be
// learned; an audit that ends early, or that lacks a whole part, says so in Partial.
func Run(ctx context.Context, conn *pgx.Conn, o Options) (*Audit, error) {
	r := &run{conn: conn, options: o, audit: &Audit{Database: nameOf(conn.Config()), Server: versionOf(conn)}}
	if err := r.identify(ctx); err != nil {
		if pgconn.Timeout(err) {
			err = ended(ctx, conn, err)
		}
		return nil, poolerRefusal(err)
	}
	workload, err := ReadWorkload(ctx, conn) // before the audit's own statements displace an entry
	if err != nil {
		return nil, fmt.Errorf("reading pg_stat_statements: %w", ended(ctx, conn, err))
	}
	switch {
	case o.Statements.Off:
		workload.result, workload.entries = finding.Result{}, nil
		r.note("what the service executed was not judged, as the audit was told")
	case len(workload.result.Skipped) > 0 && len(workload.entries) == 0:
		r.incomplete("what the service executed is not known (--no-statements audits the rest)")
	}
	if err := r.catalog(ctx); err != nil {
		return nil, ended(ctx, conn, err)
	}
	for _, part := range []func(context.Context) error{
		r.connection,
		func(ctx context.Context) error { return r.pool(ctx, workload) },
		func(ctx context.Context) error { return r.skew(ctx, workload) },
		func(ctx context.Context) error { return r.statements(ctx, workload) },
		func(ctx context.Context) error { return r.probe(ctx, workload) },
	} {
		if err := part(ctx); err != nil {
			r.partial(ctx, err)
			break
		}
	}
	return r.audit, nil
}

// run is one audit on its way.
type run struct {
	conn    *pgx.Conn
	options Options
	audit   *Audit
	// planners are those for the service's roles, as which probes are tried too.
	planners []*planner
}

func (r *run) step(what string, done, total int) {
	if r.options.Progress != nil {
		r.options.Progress(Step{Database: r.audit.Database, What: what, Done: done, Total: total})
	}
}

// partial notes why the audit ends early.
func (r *run) partial(ctx context.Context, err error) {
	reason := ended(ctx, r.conn, err).Error()
	r.incomplete(reason)
	r.audit.Result.Skipped = append(r.audit.Result.Skipped,
		finding.Skipped{What: "the rest of the audit of " + r.audit.Database, Reason: reason, Broken: true})
}

// incomplete adds a reason why the audit is not whole.
func (r *run) incomplete(reason string) {
	if r.audit.Partial != "" {
		reason = r.audit.Partial + "; " + reason
	}
	r.audit.Partial = reason
}

var (
	errInterrupted = errors.New("the audit was interrupted")
	errLost        = errors.New("the connection was lost")
	errSilent      = errors.New("the server did not answer any more, and was given up")
)

// ended says why an audit ends early, where that is not the error itself.
func ended(ctx context.Context, conn *pgx.Conn, err error) error {
	switch {
	case errors.Is(err, errInterrupted), errors.Is(err, errLost), errors.Is(err, errSilent):
		return err
	case ctx.Err() != nil:
		return errInterrupted
	case pgconn.Timeout(err):
		return errSilent
	case conn.IsClosed():
		return errLost
	}
	return err
}

// identify asks whom the connection is, and whether its session is the server's.
func (r *run) identify(ctx context.Context) error {
	major, _, _ := strings.Cut(r.audit.Server, ".")
	if n, err := strconv.Atoi(major); err == nil && n < oldest {
		return fmt.Errorf("PostgreSQL %s is too old to audit: version %d or later is needed", r.audit.Server, oldest)
	}
	tx, err := begin(ctx, r.conn)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // it has written nothing
	var backend uint32
	err = tx.QueryRow(ctx, "SELECT current_user::text, pg_backend_pid(), pg_is_in_recovery() "+marker, pgx.QueryExecModeExec).
		Scan(&r.audit.Role, &backend, &r.audit.Standby)
	r.audit.Pooled = backend != r.conn.PgConn().PID()
	return err
}

// oldest is the oldest major version whose catalog and statistics are understood.
const oldest = 15

// catalog reads the schema, and judges it as the schema of migrations is judged.
func (r *run) catalog(ctx context.Context) error {
	r.step("catalog", 0, 1)
	schema, err := catalog.Read(ctx, r.conn)
	if err != nil {
		return err
	}
	given := r.options.Model
	if given == nil {
		if given, err = project.LoadModel(r.options.Dir, project.Options{}); err != nil {
			return err
		}
	}
	db := project.OnServer(given, schema)
	a := r.audit
	a.Schema, a.Model, a.Classes = schema, db.Model, db.Classes
	a.Result.Undecided, a.Result.Skipped = schema.Undecided, schema.Skipped
	found, matrix := schemacheck.Check(schema, db.Classes, db.Model), schemacheck.Judge(schema, db.Classes, db.Model)
	if locked := lockedOf(schema); len(locked) > 0 {
		r.incomplete(fmt.Sprintf("%d relations were locked by other sessions", len(locked)))
		withoutLocked(locked, &found, matrix)
	}
	a.Result.Add(found)
	a.Matrix = matrix
	if tables := db.Classes.Tables(); len(tables) > 0 && !slices.ContainsFunc(tables, hasTenants) && len(db.Classes.TenantSchemas(schema, db.Model)) == 0 &&
		a.Model.Pattern != tenancy.DatabasePerTenant {
		r.note("no table was found to belong to a tenant, so that there is nothing to judge: name the column that says whose a row is by --tenant-column, or the pattern in .tenantvet.yml")
	}
	r.step("catalog", 1, 1)
	return nil
}

func (r *run) connection(ctx context.Context) error {
	found, err := Check(ctx, r.conn, r.audit.Classes, r.audit.Model)
	r.audit.Result.Add(found)
	return err
}

func (r *run) statements(ctx context.Context, w *Workload) error {
	o := r.options.Statements
	o.progress = func(done, total int) { r.step("statements", done, total) }
	db := &sqlcheck.Database{Schema: r.audit.Schema, Classes: r.audit.Classes, Model: r.audit.Model}
	planners, refused, err := plannersOf(ctx, r.conn, db, o)
	r.planners = planners
	r.audit.Result.Add(refused)
	if err != nil || o.Off {
		return err
	}
	judged, found, err := judgeAll(ctx, r.conn, db, w, planners, o)
	r.audit.Statements = judged
	r.audit.Result.Add(found)
	return err
}

// nameOf names the database of a connection without its credentials.
func nameOf(c *pgx.ConnConfig) string {
	const usual = 5432
	if c.Port == usual || strings.HasPrefix(c.Host, "/") {
		return c.Host + "/" + c.Database
	}
	return fmt.Sprintf("%s:%d/%s", c.Host, c.Port, c.Database)
}

// versionOf is the server's version without what a distribution adds, such as "(Debian …)".
func versionOf(conn *pgx.Conn) string {
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
	return version
}
