package queryscope

import (
	"fmt"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/finding"
)

// maxRounds bounds how often obligations are passed on within a package; the chain of calls from a
// handle to its SQL is no longer than that.
const maxRounds = 8

// require checks the handle that a statement needs to be scoped.
func (s *scopes) require(j *judgement) {
	at := j.call.Instr
	h := j.call.Handle
	if j.call.Kind == models.Batch {
		if s.isSet(canonical(h), at) {
			return // the statements of a batch run in one transaction, also on a pool
		}
		h, at = s.sentOn(j.call)
	}
	if _, deferred := at.(*ssa.Defer); !deferred && s.isSetLater(canonical(h), at) {
		return // that it comes too late is what the rule query-before-set says
	}
	here := finding.Related{Position: j.at, Message: "the statement on " + j.needs + " relies on row-level security"}
	if j.pinned {
		here.Message = "the statement on " + j.needs + ", where row-level security is to hold as well"
	}
	s.settle(s.duringCall(h, at), ssaflow.Declared(j.call.Fn), at, need{Table: j.needs, Pinned: j.pinned, Chain: []finding.Related{here}})
}

// sentOn returns the handle on which the batch of a call is sent.
func (s *scopes) sentOn(call *sqlflow.Call) (ssa.Value, ssa.CallInstruction) {
	for _, instr := range s.calls[ssaflow.Declared(call.Fn)] {
		common := instr.Common()
		args := common.Args
		var receiver ssa.Value
		var name string
		if common.IsInvoke() {
			receiver, name = common.Value, common.Method.Name()
		} else if callee := common.StaticCallee(); callee != nil && len(args) > 0 {
			receiver, name, args = args[0], callee.Name(), args[1:]
		}
		if name == "SendBatch" && len(args) == 2 && sameHandle(canonical(args[1]), canonical(call.Handle)) {
			return receiver, instr
		}
	}
	return nil, call.Instr
}

// settle reports an unscoped handle, passes a parameter's obligation on to the callers, and counts
// a handle that is not known.
func (s *scopes) settle(h handle, owner *ssa.Function, at ssa.CallInstruction, n need) {
	switch h.state {
	case unscoped:
		text := n.Chain[len(n.Chain)-1].Position
		f := finding.New("query-unscoped", text, n.Table,
			"statement on %s runs on %s: row-level security then has no tenant to confine it to", n.Table, h.what)
		if n.Pinned {
			f.Severity = finding.Warning
			f.Message = fmt.Sprintf("statement on %s names the tenant but runs on %s: enforcement is both, and row-level security has no tenant there", n.Table, h.what)
		}
		if len(n.Chain) > 1 || !s.within(owner, text) { // a text may run on good handles as well
			f.Position = s.reporter.Position(at.Pos())
			f.Related = n.Chain
		}
		if h.pos.IsValid() {
			f.Related = append(f.Related, finding.Related{Position: s.reporter.Position(h.pos), Message: "the handle comes from here"})
		}
		f.Fix = s.fix()
		s.reporter.Report(at.Pos(), f)
	case parameter:
		n.Param = h.param
		known := slices.ContainsFunc(s.needs[owner], func(m need) bool { return m.Param == n.Param && m.Table == n.Table })
		if !known {
			s.needs[owner] = append(s.needs[owner], n)
		}
	case unknownHandle:
		s.reporter.Undecided(at.Pos(), n.Table, "handle-unknown",
			"the statement on "+n.Table+" relies on row-level security, and whether the tenant is set on its handle is not known")
	}
}

func (s *scopes) fix() *finding.Fix {
	setting := "app.tenant_id"
	if m := s.config.Model(); len(m.Settings) > 0 {
		setting = m.Settings[0]
	}
	return &finding.Fix{
		Message: "run it in a transaction that sets the tenant first",
		Code:    "tx.Exec(ctx, `SELECT set_config('" + setting + "', $1, true)`, tenantID)",
	}
}

// finish passes the obligations of functions on to their callers, reports those that an unscoped
// handle meets, and exports the rest.
func (s *scopes) finish() {
	seen := map[ssa.CallInstruction]int{} // how many obligations of its callee a call has met
	for range maxRounds {
		progress := false
		for _, owner := range s.program.Funcs {
			if owner.Parent() != nil || s.crossTenant(owner, nil) {
				continue
			}
			for _, instr := range s.calls[owner] {
				needs := s.needsOf(instr)
				for _, n := range needs[seen[instr]:] {
					s.meet(owner, instr, n)
					progress = true
				}
				seen[instr] = len(needs)
			}
		}
		if !progress {
			break
		}
	}
	s.export()
}

// needsOf returns the obligations of the function that is called.
func (s *scopes) needsOf(instr ssa.CallInstruction) []need {
	callee := instr.Common().StaticCallee()
	switch {
	case callee == nil:
		return nil
	case len(callee.Blocks) == 0:
		return s.fact(callee).Needs
	}
	return s.needs[ssaflow.Origin(callee)]
}

// meet settles one obligation of a call.
func (s *scopes) meet(owner *ssa.Function, instr ssa.CallInstruction, n need) {
	args := instr.Common().Args
	if n.Param >= len(args) || s.crossTenant(instr.Parent(), instr) {
		return
	}
	here := finding.Related{Position: s.reporter.Position(instr.Pos()), Message: "called here"}
	n.Chain = append([]finding.Related{here}, n.Chain...)
	s.settle(s.duringCall(args[n.Param], instr), owner, instr, n)
}
