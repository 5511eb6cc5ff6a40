package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/drift"
)

var _ = register("schema-drift", checkSchemaDrift)

// checkSchemaDrift compares the schemas that tenants have of their own: a table, column, policy, index …
// that one of them has otherwise than most is a migration that did not reach it, or a change by hand.
func checkSchemaDrift(p *pass) {
	tenants := p.classes.TenantSchemas(p.schema, p.model)
	if len(tenants) < 2 {
		return
	}
	for _, template := range drift.Schemas(p.schema, tenants, "").Templates() {
		for _, f := range Drift(template, func(member string, d drift.Difference) finding.Position {
			return originIn(p.schema, member, d)
		}) {
			p.report(f)
		}
	}
}

// originIn is where a tenant's schema says what differs, or, of what it lacks, where the schema is made.
func originIn(s *pgschema.Schema, namespace string, d drift.Difference) finding.Position {
	name := d.Relation
	if name == "" {
		name = d.Name
	}
	if r := s.Relations[pgschema.Name{Schema: namespace, Name: name}]; r != nil {
		return r.Origin
	}
	if ns := s.Namespaces[namespace]; ns != nil {
		return ns.Origin
	}
	return finding.Position{}
}

// Drift compares the members of a set, all of which are meant to be the same, and reports what differs: one finding
// for each table, function … and the members that have it otherwise. Where says where a member defines
// what differs; it may be nil.
func Drift(set *drift.Set, where func(member string, d drift.Difference) finding.Position) []finding.Finding {
	return driftFindings(set, set.Compare(), where)
}

func driftFindings(set *drift.Set, all []drift.Difference, where func(string, drift.Difference) finding.Position) []finding.Finding {
	var findings []finding.Finding
	for _, group := range byThing(all) {
		own := ""
		if d := group[0]; len(d.Odd) == 1 {
			own = set.Own(d.Odd[0])
		}
		for i := range group {
			group[i] = group[i].For(own)
		}
		f := driftFinding(set, group)
		if where != nil {
			f.Position = where(group[0].Odd[0], group[0])
		}
		if len(group[0].Odd) == 1 && !group[0].Tied {
			f.Fix.Code = alignment(group, set.Scale(), own)
		}
		findings = append(findings, f)
	}
	return findings
}

// byThing groups differences in the same thing and of the same members; it keeps their order.
func byThing(all []drift.Difference) [][]drift.Difference {
	type key struct{ of, odd string }
	index := map[key]int{}
	var groups [][]drift.Difference
	for _, d := range all {
		k := key{d.Kind + " " + d.Name, strings.Join(d.Odd, "\x00")}
		switch {
		case d.Relation != "":
			k.of = d.Relation
		case d.Kind == "table" || d.Kind == "view":
			k.of = d.Name
		}
		i, known := index[k]
		if !known {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], d)
	}
	return groups
}

func driftFinding(set *drift.Set, group []drift.Difference) finding.Finding {
	d := group[0]
	object := d.Relation
	if object == "" {
		object = d.Name
	}
	if len(d.Odd) == 1 {
		separator := "."
		if set.Scale() == drift.OneDatabase {
			separator = ": "
		}
		object = d.Odd[0] + separator + object
	}
	message := differs(d)
	if n := len(group) - 1; n == 1 {
		message += ", and differs in one more point"
	} else if n > 1 {
		message += fmt.Sprintf(", and differs in %d more points", n)
	}
	f := finding.New("schema-drift", finding.Position{}, object,
		"%s: what holds for one does not hold for the other", message)
	for _, d := range group {
		f.Evidence = append(f.Evidence, evidence(d))
	}
	if len(d.Odd) > few {
		f.Evidence = append(f.Evidence, "in "+strings.Join(d.Odd, ", "))
	}
	f.Fix = &finding.Fix{Message: fmt.Sprintf("apply the migrations that %s misses, or bring it to the definition of %s by hand", list(d.Odd), d.Against)}
	if d.Tied {
		f.Fix.Message = fmt.Sprintf("find out which of %s and %s is right, and bring the other to its definition", list(d.Odd), d.Against)
	}
	return f
}

// differs says in words how the odd members differ.
func differs(d drift.Difference) string {
	has, lacks, lack := "has", "lacks", "lack"
	if len(d.Odd) > 1 {
		has, lacks = "have", "lack"
	}
	others := fmt.Sprintf("%d others have", d.Others)
	if d.Others == 1 {
		others, lack = d.Against+" has", "lacks"
	}
	who := list(d.Odd)
	if len(d.Odd) > few {
		who = fmt.Sprintf("%d of %d (%s)", len(d.Odd), len(d.Odd)+d.Others, who)
	}
	switch {
	case d.Found == nil:
		return fmt.Sprintf("%s %s the %s that %s", who, lacks, d.Object, others)
	case d.Usual == nil:
		return fmt.Sprintf("%s %s the %s that %s %s", who, has, d.Object, strings.TrimSuffix(strings.TrimSuffix(others, " has"), " have"), lack)
	}
	found, usual := d.Changes()
	return fmt.Sprintf("%s %s %s with %s where %s %s", who, has, d.Object, shorten(found), others, shorten(usual))
}

// evidence writes both definitions of a difference.
func evidence(d drift.Difference) string {
	switch {
	case d.Found == nil:
		return fmt.Sprintf("%s: missing; usual: %s", d.Object, strings.Join(d.Usual, ", "))
	case d.Usual == nil:
		return fmt.Sprintf("%s: only here: %s", d.Object, strings.Join(d.Found, ", "))
	}
	found, usual := d.Changes()
	return fmt.Sprintf("%s: %s; usual: %s", d.Object, strings.Join(found, ", "), strings.Join(usual, ", "))
}

// few is how many names a sentence lists.
const few = 3

// list writes some names for a sentence.
func list(names []string) string {
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// shorten writes lines of a definition for a sentence; the whole is in the evidence.
func shorten(lines []string) string {
	const most = 80
	text := strings.Join(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == "" }), ", ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}
