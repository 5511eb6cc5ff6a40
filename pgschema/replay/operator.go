package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// comparedTypes are the types of PostgreSQL that a tenant's id has.
var comparedTypes = []string{"uuid", "text", "varchar", "bpchar", "name", "int2", "int4", "int8"}

// define applies CREATE OPERATOR and its kin, which the schema does not model. An operator = between types of PostgreSQL
// may take the place of PostgreSQL's own in any expression, which then says what its function says.
func (r *replayer) define(n *pgast.DefineStmt) error {
	if n.Kind != pgast.ObjectType_OBJECT_OPERATOR || len(n.Defnames) == 0 {
		return nil
	}
	name := n.Defnames[len(n.Defnames)-1].GetString_().GetSval()
	if name != "=" && name != "<>" {
		return nil
	}
	operands := 0
	for _, option := range n.Definition {
		o := option.GetDefElem()
		if o.GetDefname() != "leftarg" && o.GetDefname() != "rightarg" {
			continue
		}
		names := o.GetArg().GetTypeName().GetNames()
		if len(names) > 0 && slices.Contains(comparedTypes, names[len(names)-1].GetString_().GetSval()) {
			operands++
		}
	}
	if operands == 2 {
		r.undecided(0, "operator", "this operator %s between types of PostgreSQL may stand for PostgreSQL's own, and what it compares is not followed", name)
	}
	return nil
}
