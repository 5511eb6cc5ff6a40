package finding

import (
	"cmp"
	"slices"
)

// Suppressions are the directives of a set of source files. The zero value has none.
type Suppressions struct {
	// LeaveNolint leaves nolint comments to golangci-lint, which must see a finding to know that the
	// comment is in use.
	LeaveNolint bool

	directives map[string][]*Directive // by file
	problems   []Finding
}

// Add reads the directives among the comments of a file.
func (s *Suppressions) Add(comments []Comment) {
	for _, c := range comments {
		d, problems := parseDirective(c)
		s.problems = append(s.problems, problems...)
		if d == nil || d.Verb == Nolint && s.LeaveNolint {
			continue
		}
		if s.directives == nil {
			s.directives = map[string][]*Directive{}
		}
		s.directives[d.File] = append(s.directives[d.File], d)
	}
}

// Problems are the findings about directives that are malformed: an unknown rule, no reason.
func (s *Suppressions) Problems() []Finding { return s.problems }

// Apply sets Suppressed on each finding that a directive with a reason covers. A finding below a
// bare nolint without a reason stays; the directive's own defect is added to Problems.
func (s *Suppressions) Apply(findings []Finding) {
	for i := range findings {
		f := &findings[i]
		for _, d := range s.directives[f.File] {
			if !d.covers(f.Rule, f.Line) {
				continue
			}
			if d.Verb == Ignore {
				d.used[f.Rule] = true // also without a reason: one defect is told once
			}
			if f.Suppressed != "" { // by an earlier directive, or an earlier Apply
				continue
			}
			if d.Verb == Nolint && d.Reason == "" && !d.explicit {
				d.explicit = true
				s.problems = append(s.problems, New("suppression-without-reason", d.Position, "nolint",
					"nolint covers a finding of tenantvet but says not why: write //nolint:tenantvet // reason"))
			}
			f.Suppressed = d.Reason
		}
	}
}

// CrossTenant returns why the code at a place is declared to cross tenants by design.
func (s *Suppressions) CrossTenant(at Position) (reason string, ok bool) {
	for _, d := range s.directives[at.File] {
		if d.Verb == CrossTenant && d.Reason != "" && d.Covers.contains(at.Line) {
			return d.Reason, true
		}
	}
	return "", false
}

// Unused returns a finding for each rule of an ignore directive that matched nothing. Only rules
// that were looked for, by ran, are judged. Call it after the last Apply.
func (s *Suppressions) Unused(ran func(rule string) bool) []Finding {
	var unused []Finding
	for _, directives := range s.directives {
		for _, d := range directives {
			for _, rule := range d.Rules {
				if !d.used[rule] && d.Reason != "" && ran(rule) {
					unused = append(unused, New("suppression-unused", d.Position, rule,
						"tenantvet:ignore %s matches no finding: remove it, or move it to the line it speaks of", rule))
				}
			}
		}
	}
	slices.SortFunc(unused, func(a, b Finding) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Object, b.Object))
	})
	return unused
}
