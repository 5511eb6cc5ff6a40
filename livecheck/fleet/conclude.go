package fleet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/drift"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// Conclude returns everything that is to be said about the fleet. What holds for several databases alike is
// said once, with their names, unless apart is set: then the findings of each database stand as they do
// in its audit.
func (f *Fleet) Conclude(apart bool) finding.Result {
	var result finding.Result
	result.Add(f.Whole)
	result.Findings = append(result.Findings, slices.Concat(f.failures(), f.misplaced())...)
	for _, template := range f.Drift.Templates() {
		var members []string
		for _, m := range template.Members {
			members = append(members, m.Name)
		}
		if len(members) == 1 && template.Scale() == drift.OneDatabase && len(f.Databases) > 1 {
			result.Notes = append(result.Notes, fmt.Sprintf("%s is like no other database of the fleet, so it is compared with none", members[0]))
		}
		if len(members) > 1 {
			result.Findings = append(result.Findings, schemacheck.Drift(template, nil)...)
			result.Findings = append(result.Findings, f.skews(members)...)
		}
	}
	if apart {
		for _, db := range f.Databases {
			result.Add(db.Result)
		}
		return result
	}
	f.fold(&result)
	return result
}

// fold adds the results of the databases, each thing once.
func (f *Fleet) fold(to *finding.Result) {
	findings, undecided, skipped, notes := folded[finding.Finding]{}, folded[finding.Undecided]{}, folded[finding.Skipped]{}, folded[string]{}
	for _, db := range f.Databases {
		for _, one := range db.Result.Findings {
			findings.add(one, db.Name)
		}
		for _, one := range db.Result.Undecided {
			undecided.add(one, db.Name)
		}
		for _, one := range db.Result.Skipped {
			skipped.add(one, db.Name)
		}
		for _, one := range db.Result.Notes {
			notes.add(one, db.Name)
		}
	}
	all := len(f.Databases)
	for _, g := range findings.groups {
		g.what.Object = named(g.what.Object, g.databases)
		if len(g.databases) > 1 {
			g.what.Evidence = append(slices.Clone(g.what.Evidence), inDatabases(g.databases, all))
		}
		to.Findings = append(to.Findings, g.what)
	}
	for _, g := range undecided.groups {
		g.what.Object = named(g.what.Object, g.databases)
		if len(g.databases) > 1 {
			g.what.Reason += " (" + inDatabases(g.databases, all) + ")"
		}
		to.Undecided = append(to.Undecided, g.what)
	}
	for _, g := range skipped.groups {
		g.what.What = named(g.what.What, g.databases)
		if len(g.databases) > 1 {
			g.what.Reason += " (" + inDatabases(g.databases, all) + ")"
		}
		to.Skipped = append(to.Skipped, g.what)
	}
	for _, g := range notes.groups {
		if len(g.databases) == all {
			to.Notes = append(to.Notes, g.what)
		} else {
			to.Notes = append(to.Notes, strings.Join(few(g.databases), ", ")+": "+g.what)
		}
	}
}

// folded are things in the order in which they first appeared, with the databases of each.
type folded[T any] struct {
	groups []*group[T]
	index  map[string]*group[T]
}

type group[T any] struct {
	what      T
	databases []string
}

func (f *folded[T]) add(what T, database string) {
	if f.index == nil {
		f.index = map[string]*group[T]{}
	}
	key, err := json.Marshal(what)
	if err != nil {
		key = fmt.Appendf(nil, "%+v", what)
	}
	g := f.index[string(key)]
	if g == nil {
		g = &group[T]{what: what}
		f.index[string(key)] = g
		f.groups = append(f.groups, g)
	}
	if !slices.Contains(g.databases, database) {
		g.databases = append(g.databases, database)
	}
}

// named puts the database before what only one has.
func named(object string, databases []string) string {
	switch {
	case len(databases) != 1:
		return object
	case object == "":
		return databases[0]
	}
	return databases[0] + ": " + object
}

func inDatabases(databases []string, all int) string {
	if len(databases) == all {
		return fmt.Sprintf("in all %d databases", all)
	}
	const list = 10
	if len(databases) > list {
		return fmt.Sprintf("in %d of %d databases: %s and %d more", len(databases), all, strings.Join(databases[:list], ", "), len(databases)-list)
	}
	return fmt.Sprintf("in %d of %d databases: %s", len(databases), all, strings.Join(databases, ", "))
}
