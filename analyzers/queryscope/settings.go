package queryscope

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/tenancy"
)

// setting is a statement or call that sets the tenant on a handle.
type setting struct {
	handle ssa.Value // canonical
	instr  ssa.Instruction
	// session says that the setting outlives its transaction.
	session bool
}

// ending is a statement, run by its text, that ends what was set on a handle.
type ending struct {
	handle ssa.Value // canonical
	instr  ssa.Instruction
	// commits says that only the transaction ends, and what was set for the session stays.
	commits bool
}

var (
	commits      = regexp.MustCompile(`(?i)^\s*(commit|end)\b(?:\s+(?:work|transaction))?\s*$`)
	ends         = regexp.MustCompile(`(?i)^\s*(?:(?:rollback|abort)\b(?:\s+(?:work|transaction))?\s*$|discard\s+all\b|reset\s+all\b)`)
	resets       = regexp.MustCompile(`(?i)^\s*(?:reset\s+([\w."]+)|set\s+(?:session\s+|local\s+)?([\w."]+)\s*(?:=|\sto\s)\s*default)\b`)
	setLocal     = regexp.MustCompile(`(?is)^\s*set\s+local\b|\bset_config\s*\(.*,\s*true\s*\)`)
	setStatement = regexp.MustCompile(`(?i)^\s*set\s+(?:session\s+|local\s+)?([\w."]+)\s*(?:=|\sto\s)`)
	setConfig    = regexp.MustCompile(`(?i)\bset_config\s*\(\s*'([^']*)'`)
)

// effect is what the statements of one text do, one after the other, to the tenant of their session.
type effect struct{ sets, session, ends, commits bool }

// effectOf reads the statements that set a setting that carries the tenant: one that the model names or, where it
// names none, any custom one. A role or schema per tenant counts as well. What ends the transaction, or resets
// the setting, undoes that (PostgreSQL manual, SET).
func (s *scopes) effectOf(t sqlflow.Template) effect {
	var e effect
	for statement := range strings.SplitSeq(t.String(), ";") {
		switch {
		case s.resetsTenant(statement), ends.MatchString(statement):
			e = effect{ends: true}
		case commits.MatchString(statement):
			e = effect{sets: e.sets && e.session, session: e.session, ends: true, commits: !e.ends || e.commits}
		case s.setsTenant(statement):
			e = effect{sets: true, session: !setLocal.MatchString(statement)}
		}
	}
	return e
}

func (s *scopes) setsTenant(statement string) bool {
	for _, pattern := range []*regexp.Regexp{setStatement, setConfig} {
		for _, m := range pattern.FindAllStringSubmatch(statement, -1) {
			if s.isTenantSetting(strings.ReplaceAll(m[1], `"`, "")) {
				return true
			}
		}
	}
	return false
}

func (s *scopes) resetsTenant(statement string) bool {
	m := resets.FindStringSubmatch(statement)
	return m != nil && s.isTenantSetting(strings.ReplaceAll(m[1]+m[2], `"`, ""))
}

func (s *scopes) isTenantSetting(name string) bool {
	m := s.config.Model()
	if len(m.Settings) > 0 {
		return m.IsTenantSetting(name)
	}
	return strings.Contains(name, ".") || m.Pattern == tenancy.SchemaPerTenant && strings.EqualFold(name, "search_path")
}

// isSet reports whether the tenant is set on a canonical handle on every path before an instruction, and nothing
// between the two ends that.
func (s *scopes) isSet(h ssa.Value, at ssa.Instruction) bool {
	fn := at.Parent()
	for _, set := range s.sets[fn] {
		if sameHandle(set.handle, h) && ssaflow.Dominates(set.instr, at) && s.endedAfter(set, at) == nil {
			return true
		}
	}
	for _, instr := range s.calls[ssaflow.Declared(fn)] {
		if instr.Parent() != fn || !ssaflow.Completes(instr) || !ssaflow.Dominates(instr, at) {
			continue
		}
		for i, arg := range instr.Common().Args {
			if sameHandle(canonical(arg), h) && s.setsParam(instr, i) && s.endedAfter(setting{handle: h, instr: instr}, at) == nil {
				return true
			}
		}
	}
	return false
}

// endedAfter returns a statement that ends a setting on some path from it to an instruction, or nil.
func (s *scopes) endedAfter(set setting, at ssa.Instruction) *ending {
	for i, end := range s.ends[at.Parent()] {
		if end.commits && set.session || !sameHandle(end.handle, set.handle) {
			continue
		}
		if ssaflow.ReachesPast(set.instr, end.instr, set.instr) && ssaflow.ReachesPast(end.instr, at, set.instr) {
			return &s.ends[at.Parent()][i]
		}
	}
	return nil
}

// ended returns a statement behind which a handle has no tenant when an instruction runs, whoever set one before;
// nil when there is none.
func (s *scopes) ended(h ssa.Value, at ssa.Instruction) *ending {
	for i, end := range s.ends[at.Parent()] {
		if sameHandle(end.handle, h) && ssaflow.Dominates(end.instr, at) {
			return &s.ends[at.Parent()][i]
		}
	}
	return nil
}

// setsParam reports whether a call sets the tenant on its i-th argument, receiver included.
func (s *scopes) setsParam(instr ssa.CallInstruction, i int) bool {
	callee := instr.Common().StaticCallee()
	if callee == nil {
		return false
	}
	if s.config.IsScoper(ssaflow.Object(callee)) {
		return true
	}
	return slices.Contains(s.fact(callee).Sets, i)
}

// isSetLater reports whether the tenant is set on a canonical handle behind an instruction and on no
// path before it.
func (s *scopes) isSetLater(h ssa.Value, at ssa.Instruction) bool {
	later := false
	for _, set := range s.sets[at.Parent()] {
		if !sameHandle(set.handle, h) {
			continue
		}
		if canPrecede(set.instr, at) {
			return false
		}
		later = later || canPrecede(at, set.instr)
	}
	return later
}
