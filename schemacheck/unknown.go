package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// unless reports a finding about row-level security that is missing, or leaves an error undecided when
// a statement that the builder of the schema could not see through may have enabled it.
func (p *pass) unless(f finding.Finding, r *pgschema.Relation) {
	if at, ok := p.mayProtect(r); ok && f.Severity == finding.Error {
		p.undecided(f.Position, f.Object, "dynamic-sql", "row-level security of "+object(r)+" may be changed by what runs at "+at.String())
		return
	}
	p.report(f)
}

// mayProtect returns a statement that may have changed the row-level security of a table.
func (p *pass) mayProtect(r *pgschema.Relation) (finding.Position, bool) {
	for _, stmt := range p.schema.Unknown {
		at := stmt.Position(0)
		_, event := pgast.Unwrap(stmt.Node).(*pgast.CreateEventTrigStmt)
		if !event && at.File == r.Origin.File && at.Compare(r.Origin) < 0 {
			continue // it ran before there was the table
		}
		if p.speaksOfRLS(stmt) {
			return at, true
		}
	}
	return finding.Position{}, false
}

// speaksOfRLS reports whether a statement, or the function it calls, says ROW LEVEL SECURITY anywhere; a
// function that the files do not define may say anything.
func (p *pass) speaksOfRLS(stmt *pgast.Statement) bool {
	if mentionsRLS(stmt.Text()) {
		return true
	}
	var names []*pgast.FuncCall
	pgast.Walk(stmt.Node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.FuncCall:
			names = append(names, n)
		case *pgast.CreateEventTrigStmt:
			names = append(names, &pgast.FuncCall{Funcname: n.Funcname})
		}
		return true
	})
	return slices.ContainsFunc(names, func(call *pgast.FuncCall) bool {
		functions := p.called(call)
		return len(functions) == 0 || slices.ContainsFunc(functions, func(f *pgschema.Function) bool { return mentionsRLS(f.Body) })
	})
}

func mentionsRLS(text string) bool {
	return strings.Contains(strings.ToLower(strings.Join(strings.Fields(text), " ")), "row level security")
}
