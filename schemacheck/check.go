// Package schemacheck holds the rules on one schema: can a session of tenant A reach rows of tenant
// B, and does asking for one tenant's rows cost what it should?
//
// A rule is one file: a function over a pass, registered under its catalogue name. The complete
// rule by which PostgreSQL admits a role to the rows of a table is in rows.go.
package schemacheck

import (
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Check runs every schema rule. The result is sorted. It does not repeat what the builder of the
// schema left skipped or undecided.
func Check(s *pgschema.Schema, classes *classify.Classes, m *tenancy.Model) finding.Result {
	p := newPass(s, classes, m)
	p.judgePolicies()
	p.follow(slices.Sorted(maps.Keys(rules)))
	p.leaveOpen()
	p.relate()
	p.result.Sort()
	return p.result
}

// rule looks at the schema of a pass and reports to it.
type rule func(*pass)

// rules holds the implementation of each schema rule by its catalogue name.
var rules = map[string]rule{}

// register makes a rule known to Check. Each rule's file calls it once, for a package variable.
func register(name string, check rule) bool {
	rules[name] = check
	return true
}
