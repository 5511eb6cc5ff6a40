// Package mend writes one migration out of the SQL that findings about a schema propose.
//
// Mending one defect can lay another open: a policy that leaks has no effect, and no finding, until
// row-level security is enabled. So the schema is checked again with the migration applied, until
// nothing more can be added.
package mend

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// rounds bounds how often the schema is checked again; what hides behind what is three deep at most
// in all fixtures.
const rounds = 10

// Check returns the findings about a schema to which a migration was applied; the empty text is no
// migration.
type Check func(migration string) finding.Result

// Migration is what Build wrote.
type Migration struct {
	// Text is the file; empty when nothing can be mended by SQL.
	Text string
	// Mended is how many findings the migration ends.
	Mended int
	// Left are the findings with SQL that are still there after it, Unmended those without.
	Left, Unmended []finding.Finding
}

// Build writes the migration that mends what a check finds. File is the name under which the check
// applies it. The text has the annotations that the tool of a format wants.
func Build(file string, check Check, format tenancy.Format) *Migration {
	first := check("").Findings
	plan, m := &plan{}, &Migration{}
	findings := first
	for range rounds {
		if !plan.add(findings) {
			break
		}
		m.Text = plan.write(format, nil)
		findings = check(m.Text).Findings
	}
	for _, f := range findings {
		switch {
		case Mendable(f):
			m.Left = append(m.Left, f)
		// Hints about its own indexes help nobody, and its header says how it is run.
		case concerns(f) && (f.File != file || f.Severity > finding.Info && f.Category != finding.Migration):
			m.Unmended = append(m.Unmended, f)
		}
	}
	if m.Text != "" {
		m.Mended = count(first) - len(m.Left)
		m.Text = plan.write(format, slices.Concat(m.Left, m.Unmended))
	}
	return m
}

func count(findings []finding.Finding) (n int) {
	for _, f := range findings {
		if Mendable(f) {
			n++
		}
	}
	return n
}

// concerns reports whether a finding is about the schema, and stands.
func concerns(f finding.Finding) bool {
	rule, ok := finding.Lookup(f.Rule)
	return ok && rule.Lens == finding.LensSchema && f.Suppressed == ""
}

// Mendable reports whether a finding about the schema has SQL that mends it.
func Mendable(f finding.Finding) bool { return concerns(f) && len(statements(f)) > 0 }

// statements returns the SQL that a finding proposes. Other code, such as lines for .tenantvet.yml,
// does not parse as SQL.
func statements(f finding.Finding) []*pgast.Statement {
	if f.Fix == nil || !strings.HasSuffix(strings.TrimSpace(f.Fix.Code), ";") {
		return nil
	}
	list, broken := pgast.Parse(pgast.NewSource("", f.Fix.Code))
	if len(broken) > 0 {
		return nil
	}
	return list
}
