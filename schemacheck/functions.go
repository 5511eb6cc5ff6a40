package schemacheck

import (
	"fmt"
	"iter"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// callable yields the team's own functions that a session may execute, each with one such session.
func (p *pass) callable() iter.Seq2[*pgschema.Function, session] {
	return func(yield func(*pgschema.Function, session) bool) {
		for _, f := range p.schema.Functions {
			if f.Extension != "" {
				continue
			}
			for _, s := range p.sessions {
				if p.mayExecute(s, f) {
					if !yield(f, s) {
						return
					}
					break
				}
			}
		}
	}
}

// mayExecute reports whether a session may call a function.
func (p *pass) mayExecute(s session, f *pgschema.Function) bool {
	return p.roles.mayUse(s.role, f.Schema) &&
		(p.roles.granted(s.role, f.Grants, "execute") || f.Owner != "" && p.roles.privilegesOf(s.role)[f.Owner])
}

// signature writes a function as ALTER FUNCTION wants it.
func signature(f *pgschema.Function) string {
	return quoteName(f.Name) + "(" + strings.Join(f.Args, ", ") + ")"
}

// kindOf is FUNCTION or PROCEDURE.
func kindOf(f *pgschema.Function) string {
	if f.Procedure {
		return "PROCEDURE"
	}
	return "FUNCTION"
}

// functionObject names a function in a finding.
func functionObject(f *pgschema.Function) string {
	return fmt.Sprintf("%s(%s)", f.Name, strings.Join(f.Args, ", "))
}
