package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("isolation-weakened", checkIsolationWeakened)

// checkIsolationWeakened looks for the statements by which a table that was isolated no longer is, or a
// session that policies bound is not bound any more. What a later migration restored is left alone.
func checkIsolationWeakened(p *pass) {
	p.columnsDropped()
	p.rolesFreed()
	for t := range p.owned() {
		if !p.reaches(t.Relation) {
			continue
		}
		p.switchedOff(t.Relation)
		p.policyWidened(t)
		p.policyDropped(t)
		p.keyDropped(t)
		p.handedOver(t)
	}
}

// switchedOff reports the statement that took ENABLE or FORCE back.
func (p *pass) switchedOff(r *pgschema.Relation) {
	var enabled, forced, disabled, unforced *pgschema.Event
	for _, e := range p.history(r) {
		switch e.Detail {
		case "enable row security":
			enabled = &e
		case "force row security":
			forced = &e
		case "disable row security":
			disabled = &e
		case "no force row security":
			unforced = &e
		}
	}
	if !r.RowSecurity && enabled != nil && disabled != nil {
		f := weakened(r, disabled, enabled.Stmt.Position(0), "row-level security was enabled here",
			"row-level security of %s is switched off, and no later migration restores it: policies no longer keep its tenants apart", object(r))
		f.Fix = &finding.Fix{
			Message: "switch it on again; a backfill that must see every row runs as a role with BYPASSRLS instead",
			Code:    fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY;", quoteName(r.Name)),
		}
		p.report(f)
		return
	}
	if !r.RowSecurity || r.ForceRowSecurity || forced == nil || unforced == nil {
		return
	}
	f := weakened(r, unforced, forced.Stmt.Position(0), "row-level security was forced here",
		"row-level security of %s no longer binds its owner, and no later migration restores it", object(r))
	if owner := p.roles.owner(r); owner != "" && p.apartFrom(r) {
		f.Severity = finding.Info
		f.Evidence = append(f.Evidence, "the application connects as another role than the owner "+owner)
	}
	f.Fix = &finding.Fix{
		Message: "force it again, in the same migration as the backfill that needed it off",
		Code:    fmt.Sprintf("ALTER TABLE %s FORCE ROW LEVEL SECURITY;", quoteName(r.Name)),
	}
	p.report(f)
}

// apartFrom reports whether every session is known not to have the rights of a table's owner.
func (p *pass) apartFrom(r *pgschema.Relation) bool {
	for _, s := range p.sessions {
		if !s.known() || p.owns(s, r) {
			return false
		}
	}
	return true
}

// weakened makes the finding about an event of a relation; at is where it had been isolated, and was says so.
func weakened(r *pgschema.Relation, e *pgschema.Event, at finding.Position, was, format string, args ...any) finding.Finding {
	f := finding.New("isolation-weakened", e.Stmt.Position(0), object(r), format, args...)
	f.Related = []finding.Related{{Position: at, Message: was}}
	return f
}
