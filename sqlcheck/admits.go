package sqlcheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

// Admission is the verdict on a policy expression.
type Admission struct {
	// Verdict is Pinned when the expression admits rows of the session tenant only.
	Verdict Verdict
	// Setting is the custom setting that names the session tenant.
	Setting string
	// Unset says that the expression fails open while no tenant is set: on a fresh connection, where
	// the setting is NULL, or on one used before, where it is ''.
	Unset  bool
	Reason string
	// Position is the part of the expression that decides.
	Position finding.Position
}

// Admits judges a policy expression (USING or WITH CHECK) over the rows of one relation: does it
// confine them to the session tenant, in each state of the tenant setting?
func Admits(db *Database, rel *pgschema.Relation, expr *pgschema.Expr) Admission { return Admission{} }
