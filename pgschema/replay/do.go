package replay

import (
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// do applies a DO block.
func (r *replayer) do(n *pgast.DoStmt) error {
	return &undecidedError{code: "dynamic-sql", reason: "the DO block is not interpreted"}
}

// call applies a call of a function of the migrations.
func (r *replayer) call(n *pgast.FuncCall) error {
	return nil
}
