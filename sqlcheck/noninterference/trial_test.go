package noninterference

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// trial is a statement on trial.
type trial struct {
	index             uint64
	sql               string
	changes, collides bool
	features          map[string]bool
	analysis          *sqlcheck.Analysis
	pinned            bool

	// failed is the error of a statement that PostgreSQL refuses.
	failed string
	// effective says that the statement has returned or changed a row.
	effective bool
	// interference says how rows of other tenants matter; world and parameters are where.
	interference string
	world        *world
	parameters   parameters
}

func readDDL(t *testing.T) string {
	ddl, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	return string(ddl)
}

func newDatabase(ddl string) *sqlcheck.Database {
	model := &tenancy.Model{
		Pattern: tenancy.SharedSchema, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, Registry: "tenant",
		Shared: []tenancy.SharedTable{{Name: "country", Reason: "countries"}}, Enforcement: tenancy.EnforcePredicate,
	}
	schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: ddl}}, replay.Options{PGVersion: 15})
	return &sqlcheck.Database{Schema: schema, Classes: classify.Of(schema, model), Model: model}
}

func newTrial(db *sqlcheck.Database, seed, index uint64) *trial {
	g := newGenerator(seed, index)
	sql, changes := g.statement()
	t := &trial{index: index, sql: sql, changes: changes, collides: g.collides, features: g.features}
	t.judge(db)
	return t
}

// judge asks the engine.
func (t *trial) judge(db *sqlcheck.Database) {
	t.analysis, t.pinned = nil, false
	statements, broken := pgast.Parse(pgast.NewSource("", t.sql))
	if len(broken) > 0 || len(statements) != 1 {
		t.failed = "it does not parse"
		return
	}
	t.analysis = sqlcheck.Analyze(db, statements[0])
	t.pinned = len(t.analysis.Undecided) == 0
	for _, r := range t.analysis.References {
		t.pinned = t.pinned && r.Verdict == sqlcheck.Pinned
	}
}

// without says whose rows may be absent without making a difference if the engine is right: all but
// A's where the statement is pinned to A, C's where it is pinned to values that may name B. Of a
// statement that is not pinned, this is what it is tried with.
func (t *trial) without(p parameters) tenants {
	if !t.pinned {
		return onlyA
	}
	// A reference that is judged in several places shows the value of one.
	if (t.features["merge"] || t.features["with"]) && strings.Contains(t.sql, "$2") {
		return withoutC
	}
	for _, r := range t.analysis.References {
		named := r.By == sqlcheck.Never || r.By == sqlcheck.Null || r.Relation.Name.Name == "tenant" && r.Command == sqlcheck.Insert ||
			slices.Contains([]string{"$1", "1", "current_setting('app.tenant_id')"}, r.Value) || r.Value == "$2" && p.other != tenantB
		if r.List || !named {
			return withoutC
		}
	}
	return onlyA
}

// try runs statements in a data set, first with all rows, then without those of other tenants.
func try(ctx context.Context, w *world, trials []*trial, bind func(*trial) parameters) error {
	var batches [3][]execution
	for _, t := range trials {
		t.world, t.parameters = w, bind(t)
		x := execution{t.sql, t.parameters, t.changes}
		batches[all] = append(batches[all], x)
		state := t.without(t.parameters)
		batches[state] = append(batches[state], x)
	}
	var outcomes [3][]outcome
	var errs [3]error
	var running sync.WaitGroup
	running.Go(func() { outcomes[all], errs[all] = w.states[all].run(ctx, batches[all]) })
	running.Go(func() {
		for _, state := range [2]tenants{onlyA, withoutC} {
			outcomes[state], errs[state] = w.states[state].run(ctx, batches[state])
		}
	})
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for k, t := range trials {
		state := t.without(t.parameters)
		with, without := outcomes[all][k], outcomes[state][0]
		outcomes[state] = outcomes[state][1:]
		if with.err != nil && without.err != nil && with.err.Code == without.err.Code {
			t.failed = with.err.Code + " " + with.err.Message
		}
		t.collides = t.collides || crossing(with.err) || crossing(without.err)
		t.effective = t.effective || len(with.rows) > 0 || with.after != nil && !slices.Equal(with.after, w.states[all].before)
		t.interference = difference(with, without, w.states[all], w.states[state], t.collides)
	}
	return nil
}

// byChance reports whether the outcome of an interfering statement depends on the order of rows.
func (t *trial) byChance(ctx context.Context) (bool, error) {
	x := []execution{{t.sql, t.parameters, t.changes}}
	for _, state := range [2]tenants{all, t.without(t.parameters)} {
		first, err := t.world.states[state].run(ctx, x)
		if err != nil {
			return false, err
		}
		second, err := t.world.mirrored[state].run(ctx, x)
		if err != nil {
			return false, err
		}
		a, b := first[0], second[0]
		if code(a.err) != code(b.err) || !slices.Equal(a.rows, b.rows) || !slices.Equal(a.after, b.after) {
			return true, nil
		}
	}
	return false, nil
}

// describe names a trial's verdicts.
func (t *trial) describe() string {
	var parts []string
	for _, r := range t.analysis.References {
		part := r.Alias + " " + r.Verdict.String()
		if r.Value != "" {
			part += " " + r.Value
		}
		parts = append(parts, part)
	}
	for _, u := range t.analysis.Undecided {
		parts = append(parts, "undecided "+u.Code)
	}
	return strings.Join(parts, ", ")
}
