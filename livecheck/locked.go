package livecheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// lockedOf returns the names of the relations whose policies and other definitions could not be read.
func lockedOf(schema *pgschema.Schema) map[string]bool {
	names := map[string]bool{}
	for _, r := range schema.Relations {
		if r.Locked {
			names[r.Name.String()] = true
		}
	}
	return names
}

// withoutLocked takes back what was said about relations that were read in part: a policy whose text is
// missing proves nothing.
func withoutLocked(locked map[string]bool, result *finding.Result, matrix *schemacheck.Matrix) {
	result.Findings = slices.DeleteFunc(result.Findings, func(f finding.Finding) bool { return locked[f.Object] })
	result.Undecided = slices.DeleteFunc(result.Undecided, func(u finding.Undecided) bool { return locked[u.Object] })
	for i, c := range matrix.Cells {
		if locked[c.Relation] && c.Verdict != schemacheck.NoAccess {
			matrix.Cells[i] = schemacheck.Cell{Database: c.Database, Role: c.Role, Relation: c.Relation, Command: c.Command,
				Verdict: finding.Unknown, Reason: "the relation was locked by another session"}
		}
	}
}
