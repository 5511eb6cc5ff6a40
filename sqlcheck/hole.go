package sqlcheck

import (
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// holeBase is the number of the parameter that stands for the first hole of a statement; PostgreSQL
// has at most 65535 parameters.
const holeBase = 70_000

// holeName begins each name that stands for a hole.
const holeName = "tenantvet_hole_"

func isHole(parameter int) bool { return parameter >= holeBase }

func isHoleName(name string) bool { return strings.Contains(name, holeName) }

// form is a way to fill a hole so that the text around it parses.
type form int

const (
	asValue form = iota
	asName
	asNothing
	asRow
	asAssignment
	asQuery
	forms
)

func (f form) text(n int) string {
	parameter := "$" + strconv.Itoa(holeBase+n)
	switch f {
	case asName:
		return holeName + strconv.Itoa(n)
	case asNothing:
		return " "
	case asRow:
		return "(" + parameter + ")"
	case asAssignment:
		return holeName + strconv.Itoa(n) + " = " + parameter
	case asQuery:
		return "SELECT " + parameter
	}
	return parameter
}

// beforeName are words that a table's name follows.
var beforeName = map[string]bool{"from": true, "join": true, "into": true, "update": true, "table": true, "only": true, "truncate": true, "using": true}

// beforeOperand are words that an expression follows.
var beforeOperand = map[string]bool{
	"where": true, "and": true, "or": true, "not": true, "in": true, "like": true, "ilike": true, "between": true,
	"limit": true, "offset": true, "values": true, "set": true, "returning": true, "select": true, "when": true,
	"then": true, "else": true, "on": true, "having": true, "by": true, "interval": true, "any": true, "all": true,
	"distinct": true, "case": true, "is": true, "similar": true, "to": true, "symmetric": true, "escape": true,
	"default": true, "exists": true, "as": true, "fetch": true, "first": true, "next": true, "timestamp": true, "date": true,
}

// firstForm guesses the form of a hole from the token before it.
func firstForm(previous pgast.Lexeme, text string, glued bool) form {
	switch {
	case glued:
		return asName
	case previous.Kind == 'w' && beforeName[previous.Word]:
		return asName
	case previous.Kind == 'w' && beforeOperand[previous.Word], previous.Kind == 0:
		return asValue
	case endsOperand(previous, text):
		return asNothing
	}
	return asValue
}

// endsOperand reports whether an operand may end with the token.
func endsOperand(l pgast.Lexeme, text string) bool {
	switch l.Kind {
	case 'w':
		return !beforeOperand[l.Word]
	case '\'', '"', ')', ']', '$':
		return true
	}
	c := text[l.Start]
	return c >= '0' && c <= '9' || c == holeByte
}

// blindSpot reports whether a statement has a gap in which a condition may stand: one that no ORDER BY,
// LIMIT or RETURNING goes before.
func blindSpot(stmt *pgast.Statement) bool {
	for _, gap := range stmt.Source.Gaps {
		if gap < stmt.Start || gap > stmt.End && strings.TrimSpace(stmt.Source.Text[stmt.End:gap]) != "" {
			continue
		}
		behind, depth := false, 0
		for l := range pgast.Lexemes(stmt.Source.Text[stmt.Start:min(gap, stmt.End)]) {
			switch {
			case l.Kind == '(':
				depth++
			case l.Kind == ')':
				depth--
			case depth == 0 && (l.Word == "order" || l.Word == "limit" || l.Word == "offset" || l.Word == "returning"):
				behind = true
			}
		}
		if !behind {
			return true
		}
	}
	return false
}

// NamesUnknownTable reports whether a statement that Prepare made names a table by text that is not
// known until run time.
func NamesUnknownTable(stmt *pgast.Statement) bool {
	found := false
	pgast.Walk(stmt.Node, func(node any) bool {
		if r, ok := node.(*pgast.RangeVar); ok && isHoleName(r.GetRelname()) {
			found = true
		}
		return !found
	})
	return found
}
