package replay

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// mentionsDDL reports whether a body that does not parse holds a word that may change the schema.
func mentionsDDL(body string) bool {
	for l := range pgast.Lexemes(body) {
		switch l.Word {
		case "create", "alter", "drop", "grant", "revoke", "execute", "perform", "call", "reassign":
			return true
		}
	}
	return false
}

// hasEffect reports whether statements can change the schema.
func (r *replayer) hasEffect(list []plStatement) bool { return r.effects(list) > 0 }

// effects counts the statements that can change the schema; one in a loop counts as several.
func (r *replayer) effects(list []plStatement) int {
	count := 0
	for _, s := range list {
		kind, n := s.kind()
		switch kind {
		case "stmt_execsql":
			count += btoi(!n.Into && changesBeyondRows(n.SQL.text()))
		case "stmt_dynexecute":
			count += btoi(changesBeyondRows(strings.TrimLeft(leadingText(n.Query.text()), " \t\r\n")))
		case "stmt_perform", "stmt_call":
			count += 2 * btoi(r.callsWithEffect(n.Expr.text()))
		case "stmt_foreach_a", "stmt_fori", "stmt_fors", "stmt_dynfors", "stmt_forc", "stmt_while", "stmt_loop":
			count += 2 * r.effects(n.Body)
		default:
			for _, part := range n.parts() {
				count += r.effects(part)
			}
		}
		for _, e := range n.Exceptions {
			for _, exceptions := range e.List {
				for _, x := range exceptions {
					count += r.effects(x.Action)
				}
			}
		}
	}
	return count
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rowWords begin the statements that change no schema.
var rowWords = wordSet(`select insert update delete merge with values table analyze vacuum truncate copy lock refresh comment
	reindex cluster notify listen show explain values fetch move close declare`)

// changesBeyondRows reports whether a statement, or the beginning of one, may change the schema.
func changesBeyondRows(text string) bool {
	for l := range pgast.Lexemes(text) {
		return !rowWords[l.Word] || writesCatalog(text)
	}
	return true
}

// leadingText is the constant that a computed statement begins with.
func leadingText(expr string) string {
	node, err := pgast.ParseExpr(expr)
	if err != nil {
		return ""
	}
	for {
		switch n := pgast.Unwrap(node).(type) {
		case *pgast.A_Const:
			return constText(n)
		case *pgast.A_Expr:
			node = n.Lexpr
			continue
		case *pgast.FuncCall:
			if _, name := qualified(n.Funcname); len(n.Args) > 0 && (name == "format" || name == "concat") {
				node = n.Args[0]
				continue
			}
		}
		return ""
	}
}

// callsWithEffect reports whether a query calls a function that can change the schema.
func (r *replayer) callsWithEffect(query string) bool {
	statements, broken := pgast.Parse(pgast.NewSource("", query))
	found := len(broken) > 0
	for _, stmt := range statements {
		if call := stmt.Node.GetCallStmt(); call != nil && len(r.candidates(call.Funccall)) == 0 {
			return true
		}
		pgast.Walk(stmt.Node, func(m any) bool {
			call, ok := m.(*pgast.FuncCall)
			found = found || ok && r.mayChange(call)
			return true
		})
	}
	return found
}
