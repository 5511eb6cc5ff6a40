package schemacheck

import (
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func withoutCast(node *pgast.Node) *pgast.Node {
	for node.GetTypeCast() != nil {
		node = node.GetTypeCast().Arg
	}
	return node
}

// constantOf returns the literal that an expression is but for casts, or nil.
func constantOf(node *pgast.Node) *pgast.A_Const { return withoutCast(node).GetAConst() }

func text(s string) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_String_{String_: &pgast.String{Sval: s}}}
}

func emptyText() *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Val: &pgast.A_Const_Sval{Sval: &pgast.String{}}}}}
}

func boolean(value bool) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Val: &pgast.A_Const_Boolval{
		Boolval: &pgast.Boolean{Boolval: value},
	}}}}
}
