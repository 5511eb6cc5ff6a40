package fleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/drift"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Options say how a fleet is audited.
type Options struct {
	// Audit are the options of each database's audit. Progress is called from several goroutines.
	Audit livecheck.Options
	Shard Shard
}

// maxOpen bounds the databases that are audited at a time, on however many servers, as each takes a file
// descriptor and the memory of its schema.
const maxOpen = 100

// Run audits the databases of a fleet, several of each server at a time. A database that cannot be
// reached is said in the result, which is then broken, and the rest goes on; so is an interrupt. The error
// says that it could not be found out which databases there are.
func Run(ctx context.Context, file *tenancy.Fleet, o Options) (*Fleet, error) {
	f := &Fleet{Shard: o.Shard.String(), Drift: &drift.Set{}, Histories: map[string][]string{}}
	f.Whole.Notes = file.Notes
	targets, routes, err := resolve(ctx, file, &f.Whole)
	if err != nil {
		return nil, err
	}
	targets = slices.DeleteFunc(targets, func(t *target) bool { return !o.Shard.Has(t.name) })
	parts := make([]*Fleet, len(targets))
	each(targets, file.Parallel, func(i int, t *target) { parts[i] = t.audit(ctx, routes, o) })
	merged := Merge(append(parts, f)...)
	merged.Shard = f.Shard
	return merged, nil
}

// each does something with all databases, several of each server at a time.
func each(targets []*target, parallel int, do func(i int, t *target)) {
	servers := map[string]chan struct{}{}
	for _, t := range targets {
		if servers[t.server] == nil {
			servers[t.server] = make(chan struct{}, parallel)
		}
	}
	open := make(chan struct{}, maxOpen)
	var wait sync.WaitGroup
	for i, t := range targets {
		wait.Go(func() {
			for _, slots := range []chan struct{}{servers[t.server], open} {
				slots <- struct{}{}
				defer func() { <-slots }()
			}
			do(i, t)
		})
	}
	wait.Wait()
}

// target is one database to audit.
type target struct {
	name, server, dsn string
	// database is host[:port]/dbname, whatever the name.
	database string
	at       finding.Position
	// broken is what is wrong with the DSN.
	broken error
}

// audit learns all about one database.
func (t *target) audit(ctx context.Context, routes *routes, o Options) *Fleet {
	db := &Database{Name: t.name}
	f := &Fleet{Databases: []*Database{db}, Histories: map[string][]string{}}
	conn, err := t.connect(ctx)
	if err == nil {
		defer conn.Close(context.WithoutCancel(ctx))
		if progress := o.Audit.Progress; progress != nil {
			o.Audit.Progress = func(s livecheck.Step) {
				s.Database = t.name
				progress(s)
			}
		}
		db.Audit, err = livecheck.Run(ctx, conn, o.Audit)
	}
	if err != nil {
		missing := t.missing(ctx, err)
		db.Audit, db.Unreachable = nil, missing.Reason
		db.Result.Skipped = []finding.Skipped{missing}
		return f
	}
	db.Audit.Database = t.name
	db.Result, db.Matrix = db.Audit.Result, db.Audit.Matrix
	// What a database is compared with is more than itself.
	db.Result.Findings = slices.DeleteFunc(db.Result.Findings, func(f finding.Finding) bool { return f.Rule == "schema-drift" })
	db.count()
	schemas := db.Audit.Classes.TenantSchemas(db.Audit.Schema, db.Audit.Model)
	own := conn.Config().Database
	f.Drift = drift.Merge(drift.Schemas(db.Audit.Schema, schemas, t.name+"/"), drift.Database(t.name, own, db.Audit.Schema, schemas))
	if ctx.Err() == nil && !conn.IsClosed() {
		t.more(ctx, conn, f, routes, schemas)
	}
	db.Audit.Schema, db.Audit.Classes, db.Audit.Model = nil, nil, nil // a fleet of them would fill the memory
	return f
}

// missing says why nothing is known of a database.
func (t *target) missing(ctx context.Context, err error) finding.Skipped {
	if ctx.Err() != nil {
		err = errors.New("the audit was interrupted")
	}
	// No position: a report would show the line, and with it what stands in it.
	what := fmt.Sprintf("database, line %d of %s", t.at.Line, filepath.Base(t.at.File))
	return finding.Skipped{What: what, Reason: err.Error(), Broken: true}
}

// more reads what the audit of a single database has no use for.
func (t *target) more(ctx context.Context, conn *pgx.Conn, f *Fleet, routes *routes, schemas []string) {
	db := f.Databases[0]
	for what, read := range map[string]func() error{
		"versions of migrations": func() error { return f.readVersions(ctx, conn, t.name, schemas) },
		"placement of tenants":   func() error { return f.readPlacements(ctx, conn, routes, schemas) },
	} {
		if err := read(); err != nil {
			db.Result.Skipped = append(db.Result.Skipped, finding.Skipped{What: what, Reason: err.Error(), Broken: true})
		}
	}
}

func (t *target) connect(ctx context.Context) (*pgx.Conn, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	return livecheck.Connect(ctx, t.dsn)
}

func (db *Database) count() {
	for _, table := range db.Audit.Classes.Tables() {
		db.Tables++
		if ofTenant(table) {
			db.TenantTables++
		}
	}
}

func ofTenant(t *classify.Table) bool {
	return t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry
}

// targetOf makes a target of a DSN.
func targetOf(name, dsn string, at finding.Position) *target {
	t := &target{name: name, dsn: dsn, at: at}
	database, server, err := livecheck.Target(dsn)
	t.database, t.server, t.broken = database, server, err
	switch {
	case name != "":
	case err != nil:
		t.name = fmt.Sprintf("the database in line %d", at.Line)
	default:
		t.name = database
	}
	return t
}
