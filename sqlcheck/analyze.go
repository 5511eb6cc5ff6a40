package sqlcheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Analyze judges each reference to a tenant table in a statement. It never fails: what it cannot
// follow is undecided, with the reason.
func Analyze(db *Database, stmt *pgast.Statement) *Analysis { return &Analysis{} }

// Check applies the statement rules.
func Check(db *Database, stmt *pgast.Statement, opts ...Option) finding.Result {
	return finding.Result{}
}
