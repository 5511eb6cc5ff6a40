package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// leaveOpen adds what the cells of the matrix leave undecided and no rule has said, once for each reason, so that a
// schema is called isolated only if each of its cells is. Where isolation rests on the statements alone, the cells wait
// for these, and the schema has nothing to decide.
func (p *pass) leaveOpen() {
	if !p.relyOnRLS() && len(p.classes.TenantSchemas(p.schema, p.model)) == 0 {
		return
	}
	open, first := map[string][]string{}, map[string]finding.Position{}
	known := map[[2]string]bool{} // by reason and relation
	var reasons []string
	for _, s := range p.sessions {
		j := newJudge(p, s, nil)
		for _, r := range p.schema.Sorted() {
			if !j.listed(r) {
				continue
			}
			for _, c := range j.cells(r) {
				if c.Verdict != finding.Unknown || p.said(c) {
					continue
				}
				if open[c.Reason] == nil {
					reasons, first[c.Reason] = append(reasons, c.Reason), r.Origin
				}
				if key := [2]string{c.Reason, c.Relation}; !known[key] {
					known[key], open[c.Reason] = true, append(open[c.Reason], c.Relation)
				}
			}
		}
	}
	for _, reason := range reasons {
		object, text := open[reason][0], reason
		if len(open[reason]) > 1 {
			object, text = "", list(open[reason])+": "+reason
		}
		p.undecided(first[reason], object, "matrix", text)
	}
}

// said reports whether the reason of a cell is told already, for its relation or one that it rests on.
func (p *pass) said(c Cell) bool {
	_, reason, found := strings.Cut(c.Reason, ": ") // what follows the name of a policy
	tells := func(u finding.Undecided) bool {
		return u.Object == c.Relation || u.Reason == c.Reason || found && strings.HasSuffix(u.Reason, reason)
	}
	return slices.ContainsFunc(p.result.Undecided, tells) || slices.ContainsFunc(p.schema.Undecided, tells)
}
