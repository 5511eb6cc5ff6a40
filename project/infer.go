package project

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// defaultPG is the major version that a schema is judged for when nothing says which.
const defaultPG = 16

// infer completes a model with what a schema says: everything that the file and the command line
// left out.
func infer(given *tenancy.Model, s *pgschema.Schema, texts map[string]string, files []string) *tenancy.Model {
	m := *given
	if m.IsInferred("pattern") {
		m.Pattern = tenancy.SharedSchema
	}
	if m.IsInferred("tenant.columns") {
		shared := sharedPart(s, &m)
		m.Columns = comparedColumns(shared, &m)
		if len(m.Columns) == 0 {
			m.Columns = tenantColumns(shared)
		}
		if len(m.Columns) == 0 && !m.IsInferred("tenant.settings") {
			m.Columns = onlyColumn(shared)
		}
	}
	if m.IsInferred("tenant.type") {
		m.ColumnType = columnType(s, &m)
	}
	if m.IsInferred("tenant.registry") {
		if r := classify.FindRegistry(s, &m); r != nil && len(m.Columns) > 0 {
			m.Registry = r.Name.Name
			if s.Lookup("", m.Registry) != r {
				m.Registry = r.Name.String()
			}
		}
	}
	if m.IsInferred("tenant.settings") {
		m.Settings = settings(s, &m)
	}
	tables := tenantTables(s, &m)
	if m.IsInferred("roles.owner") {
		m.Roles.Owner = owners(tables)
	}
	if m.IsInferred("roles.app") {
		m.Roles.App = appRoles(s, tables, m.Roles.Owner)
	}
	if m.IsInferred("enforcement") {
		m.Enforcement = tenancy.EnforcePredicate
		if slices.ContainsFunc(tables, func(r *pgschema.Relation) bool { return r.RowSecurity }) {
			m.Enforcement = tenancy.EnforceRLS
		}
	}
	if m.IsInferred("pg_version") {
		m.PGVersion = dumpedVersion(texts, files)
	}
	return &m
}

// sharedPart returns a schema without the tables that are one tenant's each by the pattern of the model, or
// because many schemas hold the same ones: what looks like a tenant column there is something of the tenant's
// own.
func sharedPart(s *pgschema.Schema, m *tenancy.Model) *pgschema.Schema {
	const many = 3
	classes := classify.Of(s, m)
	apart := classes.Apart(s, m)
	if len(apart) == 0 || m.IsInferred("pattern") && len(classes.TenantSchemas(s, m)) < many {
		return s
	}
	part := *s
	part.Relations = maps.Clone(s.Relations)
	for _, t := range apart {
		delete(part.Relations, t.Relation.Name)
	}
	return &part
}

// tenantTables returns the tables with a tenant column.
func tenantTables(s *pgschema.Schema, m *tenancy.Model) []*pgschema.Relation {
	return slices.DeleteFunc(s.Sorted(), func(r *pgschema.Relation) bool {
		return !r.IsTable() || !slices.ContainsFunc(r.Columns, func(c *pgschema.Column) bool { return m.IsTenantColumn(c.Name) })
	})
}

// columnType returns the type that most tenant columns have.
func columnType(s *pgschema.Schema, m *tenancy.Model) string {
	votes := map[string]int{}
	for _, r := range tenantTables(s, m) {
		for _, c := range r.Columns {
			if len(m.Columns) > 0 && tenancy.SameName(c.Name, m.Columns[0]) {
				votes[c.Type]++
			}
		}
	}
	return mostVotes(votes)
}

// mostVotes returns the key with the highest count, the first in order among equals.
func mostVotes(votes map[string]int) string {
	best := ""
	for _, key := range slices.Sorted(maps.Keys(votes)) {
		if best == "" || votes[key] > votes[best] {
			best = key
		}
	}
	return best
}

var dumpVersion = regexp.MustCompile(`(?m)^-- Dumped from database version ([0-9]+)`)

// dumpedVersion returns the major version of the server that the last pg_dump among the files came
// from, or the default.
func dumpedVersion(texts map[string]string, files []string) int {
	const head = 1000 // pg_dump says it in its first lines
	for _, file := range slices.Backward(files) {
		text := texts[file]
		if !strings.Contains(text[:min(len(text), head)], "-- Dumped from") {
			continue
		}
		if m := dumpVersion.FindStringSubmatch(text[:min(len(text), head)]); m != nil {
			if major, err := strconv.Atoi(m[1]); err == nil && major >= tenancy.OldestPG && major <= tenancy.NewestPG {
				return major
			}
		}
	}
	return defaultPG
}
