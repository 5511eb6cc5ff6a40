package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// eventTrigger meets CREATE EVENT TRIGGER. What its function does at later statements is not followed, which
// matters when it runs DDL of its own, as one that enables row-level security on each new table.
func (r *replayer) eventTrigger(n *pgast.CreateEventTrigStmt) error {
	schema, name := qualified(n.Funcname)
	for _, f := range r.lookupFunctions(schema, name) {
		for l := range pgast.Lexemes(f.Body) {
			if slices.Contains([]string{"execute", "alter", "create", "drop", "grant", "revoke"}, l.Word) {
				return &undecidedError{code: "dynamic-sql",
					reason: fmt.Sprintf("the event trigger %s changes the schema at other statements, which is not followed", n.Trigname)}
			}
		}
	}
	return nil
}
