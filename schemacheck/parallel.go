package schemacheck

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// worthSharing is how many tables make several workers pay.
const worthSharing = 64

// judgePolicies asks the questions of policyLeaks about all tables, on all processors: nothing else that the
// rules ask takes as long.
func (p *pass) judgePolicies() {
	tables := slices.Collect(p.owned())
	n := runtime.GOMAXPROCS(0)
	if n == 1 || len(tables) < worthSharing {
		return
	}
	workers := make([]*pass, n)
	var wait sync.WaitGroup
	for i := range workers {
		w := p.worker()
		workers[i] = w
		wait.Go(func() {
			for j := i; j < len(tables); j += n {
				w.policyLeaks(tables[j])
			}
		})
	}
	wait.Wait()
	for _, w := range workers {
		maps.Copy(p.leaks, w.leaks)
		maps.Copy(p.special, w.special)
		maps.Copy(p.admissions, w.admissions)
		maps.Copy(p.routines, w.routines)
	}
}

// follow runs rules, on all processors where the schema is large, and keeps what they report in their order.
func (p *pass) follow(names []string) {
	passes := []*pass{p}
	if n := runtime.GOMAXPROCS(0); len(p.classes.Tables()) >= worthSharing {
		p.readHistory()
		for range n - 1 {
			w := p.worker()
			w.leaks, w.special, w.admissions = maps.Clone(p.leaks), maps.Clone(p.special), maps.Clone(p.admissions)
			w.routines = map[*pgschema.Function]*routine{} // those of p ask p what the session is
			passes = append(passes, w)
		}
	}
	results := make([]finding.Result, len(names))
	var next atomic.Int64
	var wait sync.WaitGroup
	for _, w := range passes {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				w.result = finding.Result{}
				rules[names[i]](w)
				results[i] = w.result
			}
		})
	}
	wait.Wait()
	p.result = finding.Result{}
	for _, r := range results {
		p.result.Add(r)
	}
}

// worker returns a pass that shares with p only what neither changes.
func (p *pass) worker() *pass {
	w := *p
	w.reduced = p.database()
	w.roles = newRoles(p.schema, p.model)
	w.special = map[question]*pgschema.Expr{}
	w.admissions = map[question]sqlcheck.Admission{}
	w.leaks = map[*classify.Table][]*policyLeak{}
	w.analyses = map[*pgschema.Relation]*sqlcheck.Analysis{}
	w.unset = map[*pgast.Node][]*pgschema.Relation{}
	w.routines = maps.Clone(p.routines)
	w.bodies = map[*pgschema.Function]*pgast.Node{}
	w.reached = map[session]*effects{}
	w.followed = map[runIn][]body{}
	w.questions = map[asked]string{}
	return &w
}
