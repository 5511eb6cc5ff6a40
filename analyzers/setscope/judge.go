package setscope

import (
	"fmt"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/finding"
)

// answer is whether a SET holds as long as it should.
type answer int

const (
	fine answer = iota
	// stays: a session SET that the next user of the connection meets.
	stays
	// lost: a local SET that is over at once.
	lost
	// open: the callers decide, who bring the handle.
	open
	// unknown: nobody is seen to decide.
	unknown
)

// verdict judges how long a SET of the tenant holds. The function is the declared one around it.
func (c *checker) verdict(fn *ssa.Function, e *event) answer {
	if !c.carriesTenant(e.command) || e.within && e.lifetime == local {
		return fine
	}
	switch e.lifetime {
	case local:
		return c.localVerdict(fn, e)
	case session:
		return c.sessionVerdict(fn, e)
	}
	return unknown
}

func (c *checker) localVerdict(fn *ssa.Function, e *event) answer {
	if e.begun || e.handle.place == transaction || e.handle.named || c.begunOn(fn, e.handle) {
		return fine
	}
	switch {
	case c.hookOf(e.handle) != noHook, e.handle.place == pool:
		return lost
	case e.handle.param >= 0:
		return open
	case e.handle.place == pooled, e.handle.place == own:
		return lost
	}
	return unknown
}

func (c *checker) sessionVerdict(fn *ssa.Function, e *event) answer {
	if e.handle.place == pool {
		return stays
	}
	if c.resetOn(fn, e) {
		return fine
	}
	switch h := c.hookOf(e.handle); h {
	case onConnect, onAcquire:
		if e.constant && h == onConnect || slices.ContainsFunc(c.released, func(r command) bool { return r.covers(e.command) }) {
			return fine
		}
		return stays
	case onRelease:
		return fine
	}
	switch {
	case e.handle.place == own:
		return fine
	case e.handle.place == transaction:
		return stays
	case e.handle.param >= 0:
		return open
	case e.handle.place == pooled:
		return stays
	}
	return unknown
}

// begunOn reports whether a transaction is begun on a connection in the function.
func (c *checker) begunOn(fn *ssa.Function, h handle) bool {
	if h.value == nil {
		return false
	}
	for _, e := range c.events[fn] {
		if e.action == begin && e.handle.value == h.value {
			return true
		}
	}
	for _, call := range c.calls[fn] {
		if recv, _ := ssaflow.Receiver(call); recv != nil && models.Begins(ssaflow.Callee(call)) && c.canonical(recv) == h.value {
			return h.place != pool
		}
	}
	return false
}

// resetOn reports whether the function resets a setting on the handle it was set on, or closes the
// connection.
func (c *checker) resetOn(fn *ssa.Function, set *event) bool {
	for _, e := range c.events[fn] {
		if e.covers(set.command) && e.handle.value == set.handle.value {
			return true
		}
	}
	for _, call := range c.calls[fn] {
		callee := ssaflow.Callee(call)
		if callee == nil || callee.Name() != "Hijack" {
			continue
		}
		if recv, _ := ssaflow.Receiver(call); recv != nil && c.canonical(recv) == set.handle.value {
			return true
		}
	}
	return false
}

// judge reports the SETs of a declared function.
func (c *checker) judge(fn *ssa.Function) {
	for _, e := range c.events[fn] {
		if e.action != set {
			continue
		}
		if e.call != nil && !c.runsItself(e.call) {
			c.checkText(e)
		}
		if e.through != "" || e.call != nil && !c.runsItself(e.call) {
			c.checkLifetime(fn, e)
		}
	}
	c.checkOrder(fn)
}

func (c *checker) checkLifetime(fn *ssa.Function, e *event) {
	at := e.instr.Pos()
	switch c.verdict(fn, e) {
	case stays:
		f := finding.New("set-not-local", finding.Position{}, e.setting, "%s sets %s for the whole session on %s, so %s",
			e.subject(), e.setting, c.describe(e.handle), c.consequence(e))
		f.Evidence = e.evidence()
		f.Fix = c.localFix(e)
		c.reporter.Report(at, f)
	case lost:
		f := finding.New("set-outside-transaction", finding.Position{}, e.setting,
			"%s sets %s for the transaction on %s, where none is open: the setting is gone before the next statement runs",
			e.subject(), e.setting, c.describe(e.handle))
		f.Evidence = e.evidence()
		f.Fix = &finding.Fix{
			Message: "begin a transaction, set the tenant in it, and run the queries on it",
			Code:    fmt.Sprintf("tx.Exec(ctx, \"SELECT set_config('%s', $1, true)\", tenantID)", e.setting),
		}
		c.reporter.Report(at, f)
	case unknown:
		if e.call != nil && e.bound && !e.function {
			return // it is refused anyway
		}
		code, reason := "handle-unknown", "whether it runs in a transaction, on a pool or on a connection is not known"
		if e.lifetime == dynamic {
			code, reason = "set-lifetime-unknown", "the third argument of set_config is not known"
		}
		c.reporter.Undecided(at, e.setting, code, fmt.Sprintf("%s sets %s, and %s", e.subject(), e.setting, reason))
	}
}

// subject names what runs the SET.
func (e *event) subject() string {
	switch {
	case e.through != "":
		return e.through
	case e.function:
		return "set_config"
	case e.lifetime == local:
		return "SET LOCAL"
	}
	return "SET"
}

func (e *event) evidence() []string {
	if e.at == "" {
		return nil
	}
	return []string{fmt.Sprintf("the statement is at %s", e.at)}
}

func (c *checker) describe(h handle) string {
	switch c.hookOf(h) {
	case onConnect:
		return "each new connection of a pool"
	case onAcquire:
		return "each connection that is taken out of the pool"
	}
	switch h.place {
	case pool:
		return "a connection pool"
	case pooled:
		return "a connection of a pool"
	case own:
		return "a connection"
	case transaction:
		return "the connection of a transaction"
	}
	return "a handle"
}

func (c *checker) consequence(e *event) string {
	switch h := c.hookOf(e.handle); {
	case h == onAcquire:
		return "a connection whose next user sets no tenant still has this one: no AfterRelease hook resets it"
	case h == onConnect:
		return "all users of the connection work as this tenant"
	case e.handle.place == pool:
		return "some connection of the pool keeps this tenant, and the queries may run on another one"
	case e.handle.place == transaction:
		return "it outlives the transaction: the next user of the connection works as this tenant"
	}
	return "the next user of the connection works as this tenant"
}

// localFix says how to set a tenant for one transaction.
func (c *checker) localFix(e *event) *finding.Fix {
	switch c.hookOf(e.handle) {
	case onAcquire:
		return &finding.Fix{
			Message: "reset it when the connection is released, or set it in each transaction instead",
			Code: fmt.Sprintf("config.AfterRelease = func(conn *pgx.Conn) bool {\n\t_, err := conn.Exec(context.Background(), \"RESET %s\")\n\treturn err == nil\n}",
				e.setting),
		}
	}
	return &finding.Fix{
		Message: "set it for the transaction that runs the queries, on the transaction",
		Code:    fmt.Sprintf("tx.Exec(ctx, \"SELECT set_config('%s', $1, true)\", tenantID)", e.setting),
	}
}
