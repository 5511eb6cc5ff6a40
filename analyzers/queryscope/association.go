package queryscope

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// judgeAssociation keeps what the statement says of the association's own table: the rows whose keys find it are
// judged with the chain. That they are another tenant's takes a row that refers to one, so that it is a hint.
func (c *checker) judgeAssociation(j *judgement) {
	association := j.call.Association
	at := c.reporter.Position(association.Pos)
	elsewhere := func(p finding.Position) bool { return p != at }
	j.tables = nil
	j.found.Undecided = slices.DeleteFunc(j.found.Undecided, func(u finding.Undecided) bool { return elsewhere(u.Position) })
	var hints []finding.Finding
	for _, f := range j.found.Findings {
		if elsewhere(f.Position) || f.Rule != "query-unscoped" && f.Rule != "query-by-id-unscoped" {
			continue
		}
		hint := finding.New("query-by-id-unscoped", at, j.associated, "%s of %s reads %s by the keys of other rows, whichever tenant it belongs to",
			association.Method, association.Name, j.associated)
		hint.Fix = associationFix(association.Method, association.Name, f.Fix)
		hints = append(hints, hint)
	}
	j.found.Findings = hints
}

// associationFix writes a fix that adds a predicate as the condition that Preload is given; nil where the predicate
// compares with another row.
func associationFix(method, name string, fix *finding.Fix) *finding.Fix {
	if fix == nil || method != "Preload" {
		return nil
	}
	predicate, ok := strings.CutPrefix(fix.Code, "AND ")
	if !ok || strings.Count(predicate, "?") != 1 {
		return nil
	}
	return &finding.Fix{Message: "give the association a condition", Code: fmt.Sprintf(".Preload(%q, %s, tenantID)", name, strconv.Quote(predicate))}
}
