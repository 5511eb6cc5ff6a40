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
}

var (
	setStatement = regexp.MustCompile(`(?i)^\s*set\s+(?:session\s+|local\s+)?([\w."]+)\s*(?:=|\sto\s)`)
	setConfig    = regexp.MustCompile(`(?i)\bset_config\s*\(\s*'([^']*)'`)
)

// setsTenant reports whether a statement sets a setting that carries the tenant: one that the model
// names or, where it names none, any custom one. A role or schema per tenant counts as well.
func (s *scopes) setsTenant(t sqlflow.Template) bool {
	text := t.String()
	for _, pattern := range []*regexp.Regexp{setStatement, setConfig} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			name := strings.ReplaceAll(m[1], `"`, "")
			if s.isTenantSetting(name) {
				return true
			}
		}
	}
	return false
}

func (s *scopes) isTenantSetting(name string) bool {
	m := s.config.Model()
	if len(m.Settings) > 0 {
		return m.IsTenantSetting(name)
	}
	return strings.Contains(name, ".") || m.Pattern == tenancy.SchemaPerTenant && strings.EqualFold(name, "search_path")
}

// isSet reports whether the tenant is set on a canonical handle on every path before an instruction.
func (s *scopes) isSet(h ssa.Value, at ssa.Instruction) bool {
	fn := at.Parent()
	for _, set := range s.sets[fn] {
		if sameHandle(set.handle, h) && ssaflow.Dominates(set.instr, at) {
			return true
		}
	}
	for _, instr := range s.calls[ssaflow.Declared(fn)] {
		if instr.Parent() != fn || !ssaflow.Dominates(instr, at) {
			continue
		}
		for i, arg := range instr.Common().Args {
			if sameHandle(canonical(arg), h) && s.setsParam(instr, i) {
				return true
			}
		}
	}
	return false
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
