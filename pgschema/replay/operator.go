package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// comparedTypes are the types of PostgreSQL that a tenant's id has, or what holds it.
var comparedTypes = []string{"uuid", "text", "varchar", "bpchar", "name", "int2", "int4", "int8", "json", "jsonb"}

// decisiveOperators are those by which expressions compare tenants and take them from a setting.
var decisiveOperators = []string{"=", "<>", "||", "->", "->>", "#>", "#>>"}

// define applies CREATE OPERATOR and its kin, which the schema does not model. An operator = between types of PostgreSQL
// may take the place of PostgreSQL's own in any expression, which then says what its function says.
func (r *replayer) define(n *pgast.DefineStmt) error {
	if n.Kind != pgast.ObjectType_OBJECT_OPERATOR || len(n.Defnames) == 0 {
		return nil
	}
	name := n.Defnames[len(n.Defnames)-1].GetString_().GetSval()
	if !slices.Contains(decisiveOperators, name) {
		return nil
	}
	operands := 0
	for _, option := range n.Definition {
		o := option.GetDefElem()
		if o.GetDefname() != "leftarg" && o.GetDefname() != "rightarg" {
			continue
		}
		if isCompared(o.GetArg().GetTypeName()) {
			operands++
		}
	}
	if operands == 2 {
		r.undecided(0, "operator", "this operator %s between types of PostgreSQL may stand for PostgreSQL's own, and what it compares is not followed", name)
	}
	return nil
}

func isCompared(t *pgast.TypeName) bool {
	_, name := qualified(t.GetNames())
	return slices.Contains(comparedTypes, name)
}

// createCast applies CREATE CAST, which the schema does not model. One between types of PostgreSQL takes the place of the
// conversion through text, by which a setting becomes a tenant's id.
func (r *replayer) createCast(n *pgast.CreateCastStmt) error {
	if isCompared(n.Sourcetype) && isCompared(n.Targettype) && !n.Inout {
		r.undecided(0, "cast", "this cast between types of PostgreSQL stands for PostgreSQL's own conversion, and what it gives is not followed")
	}
	return nil
}
