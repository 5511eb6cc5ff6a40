// Package prove tries on a real server whether one tenant reaches another. It makes the rows of two
// tenants, A and B, in every table, and then, as the role of the service, runs the statements that
// would cross from one to the other. What a statement does is measured, never assumed:
//
//   - A reads. The rows must be the same with and without B's rows in the database.
//   - A, or a session without a tenant, writes. B's rows must stay as they are and none may appear.
//
// Every attempt to write ends in a ROLLBACK. A session without a tenant is tried on a fresh
// connection, where the setting is NULL, and on a reused one, where it is the empty string.
package prove

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Database is a scratch database: rows are made in it and stay.
type Database struct {
	// Session opens a session of a role as if it had logged in, the superuser's when the role is
	// empty. RESET SESSION AUTHORIZATION makes it the superuser's again.
	Session func(ctx context.Context, role string) (*pgx.Conn, error)
	Schema  *pgschema.Schema
	Classes *classify.Classes
	Model   *tenancy.Model
	// Role is the role that the service connects as.
	Role string
	// Claims are tried beside the prover's own attempts.
	Claims []Claim
}

// Run makes the rows and tries everything. The error is about the database as a whole; what could not
// be tried is in the report.
func Run(ctx context.Context, db Database) (*Report, error) {
	if db.Role == "" {
		return nil, errors.New("nobody says which role the service connects as: name it with --app-role")
	}
	if db.Schema.Roles[db.Role] == nil {
		return nil, fmt.Errorf("the database has no role %s: create it in the migrations or in a file before them, or name another with --app-role", db.Role)
	}
	p := &prover{Database: db, report: &Report{Role: db.Role}, cells: map[cellKey]*Cell{}}
	defer p.close()
	for _, step := range []func(context.Context) error{p.open, p.load, p.populate, p.probe} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	p.finish()
	return p.report, nil
}

// prover is one run.
type prover struct {
	Database
	report *Report
	cells  map[cellKey]*Cell
	order  []cellKey

	admin  *pgx.Conn
	conns  []*pgx.Conn
	states []*state
	major  int
	// role is the one that statements run as: Role, or the one it changes to in every transaction.
	role string

	tables   []*table
	byName   map[pgschema.Name]*table
	routines []*routine
	// leakproof are the functions of one argument that are marked so.
	leakproof []*pgschema.Function
	settings  []setting
	claims    []*claim
	tenants   [3]*tenant

	// text has the definitions of policies, views and functions.
	text string
	// serial numbers the values that are made, so that no two are equal.
	serial int
	marks  map[mark]content
}

// aheadOfSamples lets sequences count from above the numbers of the rows that witnesses name.
const aheadOfSamples = `SELECT setval(s.oid, 10000) FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
	JOIN pg_sequence q ON q.seqrelid = s.oid WHERE n.nspname !~ '^pg_' AND q.seqmin <= 10000 AND q.seqmax > 10000 AND q.seqincrement > 0`

// populate makes the rows, reading in between what each state sees.
func (p *prover) populate(ctx context.Context) error {
	if err := must(ctx, p.admin, aheadOfSamples); err != nil {
		return err
	}
	p.loadClaims()
	for _, owner := range []int{nobody, tenantA, tenantB} {
		if err := p.fill(ctx, owner); err != nil {
			return err
		}
		if err := p.readAll(ctx, owner); err != nil {
			return err
		}
	}
	p.unfilled()
	var err error
	p.marks, err = p.measure(ctx, p.admin)
	return err
}

// probe tries every way and enters what came of it.
func (p *prover) probe(ctx context.Context) error {
	for _, t := range p.tables {
		if err := p.judgeReads(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.rel.Name, err)
		}
	}
	for _, t := range p.tables {
		if !t.writable() {
			continue
		}
		for _, try := range []func(context.Context, *table) error{
			p.tryInsert, p.tryUpdate, p.tryMove, p.tryDelete, p.tryTruncate, p.tryExistence, p.tryReference, p.tryOwnReference, p.tryLargeObjects,
		} {
			if err := try(ctx, t); err != nil {
				return fmt.Errorf("%s: %w", t.rel.Name, err)
			}
		}
	}
	for _, r := range p.routines {
		if err := p.tryCall(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	for _, f := range p.leakproof {
		if err := p.tryLeakproof(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return p.tryClaims(ctx)
}
