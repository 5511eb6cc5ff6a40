package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Lines is a range of lines of one file, both ends included; the zero value holds none.
type Lines struct{ From, To int }

func (l Lines) contains(line int) bool { return l.From <= line && line <= l.To }

// Comment is one comment of a source file and the code it speaks of. GoComments and pgast.Comments
// make them, each by the rules of its language.
type Comment struct {
	Position
	// Text is the comment without its marker ("//", "--").
	Text string
	// Covers is the code before or behind which the comment stands.
	Covers Lines
}

// Verb is what a directive asks for.
type Verb string

const (
	// Ignore suppresses the findings of the named rules: "tenantvet:ignore RULE[,RULE] reason".
	Ignore Verb = "ignore"
	// CrossTenant declares code that reads or writes across tenants by design:
	// "tenantvet:cross-tenant reason".
	CrossTenant Verb = "cross-tenant"
	// Nolint is golangci-lint's "nolint:tenantvet // reason", or nolint for every linter.
	Nolint Verb = "nolint"
)

// Directive is one instruction to tenantvet in a comment.
type Directive struct {
	Position
	Verb Verb
	// Rules are the rules an Ignore names, without those that do not exist.
	Rules  []string
	Reason string
	Covers Lines

	explicit bool            // a Nolint that names tenantvet
	used     map[string]bool // rules of an Ignore that matched a finding
}

// parseDirective reads a directive from a comment. It returns nil for any other comment, and the
// findings about what is wrong with it.
func parseDirective(c Comment) (*Directive, []Finding) {
	text := strings.TrimSpace(c.Text)
	if rest, ok := strings.CutPrefix(text, "nolint"); ok {
		return parseNolint(c, rest)
	}
	rest, ok := strings.CutPrefix(text, "tenantvet:")
	if !ok {
		return nil, nil
	}
	verb, rest := cutWord(rest)
	d := &Directive{Position: c.Position, Verb: Verb(verb), Covers: c.Covers, used: map[string]bool{}}
	switch d.Verb {
	case Ignore:
		return d, d.parseIgnore(rest)
	case CrossTenant:
		d.Reason = reason(rest)
		if d.Reason == "" {
			return d, []Finding{New("suppression-without-reason", c.Position, verb,
				"tenantvet:cross-tenant has no effect until it says why: write the reason behind it")}
		}
		return d, nil
	}
	return nil, []Finding{New("suppression-unknown-rule", c.Position, verb,
		"%q is no directive of tenantvet%s", "tenantvet:"+verb, didYouMean(verb, []string{string(Ignore), string(CrossTenant)}))}
}

func (d *Directive) parseIgnore(rest string) []Finding {
	var problems []Finding
	names, rest := cutWord(rest)
	for strings.HasSuffix(names, ",") && rest != "" { // "a, b" is one list too
		var more string
		more, rest = cutWord(rest)
		names += more
	}
	d.Reason = reason(rest)
	names = strings.TrimRight(names, ",:")
	for name := range strings.SplitSeq(names, ",") {
		switch _, known := Lookup(name); {
		case name == "":
			problems = append(problems, New("suppression-unknown-rule", d.Position, "",
				"tenantvet:ignore names no rule: write tenantvet:ignore RULE reason"))
		case !known:
			problems = append(problems, New("suppression-unknown-rule", d.Position, name,
				"no rule is named %q%s", name, didYouMean(name, ruleNames())))
		case !slices.Contains(d.Rules, name):
			d.Rules = append(d.Rules, name)
		}
	}
	if d.Reason == "" && names != "" {
		problems = append(problems, New("suppression-without-reason", d.Position, names,
			"tenantvet:ignore %s has no effect until it says why: write the reason behind the rule", names))
	}
	return problems
}

// parseNolint reads what follows "nolint": nothing or ":a,b", then "// reason".
func parseNolint(c Comment, rest string) (*Directive, []Finding) {
	list, why, _ := strings.Cut(rest, "//")
	list = strings.TrimSpace(list)
	d := &Directive{Position: c.Position, Verb: Nolint, Reason: reason(why), Covers: c.Covers}
	if list == "" {
		return d, nil
	}
	names, ok := strings.CutPrefix(list, ":")
	if !ok { // "nolintlint", or prose
		return nil, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "all":
			return d, nil
		case "tenantvet":
			d.explicit = true
			if d.Reason == "" {
				return d, []Finding{New("suppression-without-reason", c.Position, "nolint",
					"nolint:tenantvet has no effect on tenantvet until it says why: write //nolint:tenantvet // reason")}
			}
			return d, nil
		}
	}
	return nil, nil
}

// covers reports whether the directive speaks of a rule at a line.
func (d *Directive) covers(rule string, line int) bool {
	if !d.Covers.contains(line) {
		return false
	}
	switch d.Verb {
	case Ignore:
		return slices.Contains(d.Rules, rule)
	case CrossTenant:
		r, _ := Lookup(rule)
		return r.Category == Isolation
	}
	return true
}

func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// reason strips what people put between a directive and its reason.
func reason(s string) string { return strings.Trim(s, " \t\r-–—:") }

func didYouMean(name string, candidates []string) string {
	if near := Nearest(name, candidates); near != "" {
		return fmt.Sprintf(": did you mean %s?", near)
	}
	return ""
}

func ruleNames() []string {
	names := make([]string, len(catalogue))
	for i, r := range catalogue {
		names[i] = r.Name
	}
	return names
}
