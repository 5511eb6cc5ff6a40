package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

// suppressSQL applies the directives in the project's SQL files to a result and adds what is wrong
// with them; ran says which rules were looked for, so that no other counts as unused.
func suppressSQL(p *project.Project, result *finding.Result, ran func(finding.Rule) bool) {
	var s finding.Suppressions
	for _, source := range sqlSources(p) {
		s.Add(pgast.Comments(source))
	}
	s.Apply(result.Findings)
	result.Findings = append(result.Findings, s.Problems()...)
	result.Findings = append(result.Findings, s.Unused(func(name string) bool {
		rule, ok := finding.Lookup(name)
		return ok && ran(rule)
	})...)
}

// sqlSources returns each SQL file of the project that may hold a directive once, in order of name.
func sqlSources(p *project.Project) []*pgast.Source {
	sources := map[string]*pgast.Source{}
	for _, db := range p.Databases {
		for _, file := range db.Files {
			if sources[file] != nil {
				continue
			}
			// A file that cannot be read was already said to be skipped.
			if text, err := tenancy.ReadSQL(file); err == nil && strings.Contains(text, "tenantvet:") {
				sources[file] = pgast.NewSource(file, text)
			}
		}
	}
	for _, q := range p.Queries {
		file := q.Statement.Source.File
		if sources[file] != nil {
			continue
		}
		if text, err := tenancy.ReadSQL(file); err == nil && strings.Contains(text, "tenantvet:") {
			sources[file] = pgast.NewSource(file, text)
		}
	}
	var sorted []*pgast.Source
	for _, file := range slices.Sorted(maps.Keys(sources)) {
		sorted = append(sorted, sources[file])
	}
	return sorted
}
