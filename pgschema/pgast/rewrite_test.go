package pgast_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func TestRewriteReplacesNodesInPlace(t *testing.T) {
	stmts, broken := pgast.Parse(pgast.NewSource("a.sql",
		"SELECT x, f(y) FROM t WHERE a = x AND b IN (SELECT x FROM u WHERE x > 1) ORDER BY x"))
	require.Empty(t, broken)
	pgast.Rewrite(stmts[0].Node, func(n *pgast.Node) bool {
		ref := n.GetColumnRef()
		if ref != nil && ref.Fields[0].GetString_().GetSval() == "x" {
			n.Node = &pgast.Node_ParamRef{ParamRef: &pgast.ParamRef{Number: 7}}
			return false
		}
		return true
	})
	text, err := pgast.Deparse(stmts[0].Node)
	require.NoError(t, err)
	assert.Equal(t, "SELECT $7, f(y) FROM t WHERE a = $7 AND b IN (SELECT $7 FROM u WHERE $7 > 1) ORDER BY $7", text)
}
