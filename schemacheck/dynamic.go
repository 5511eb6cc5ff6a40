package schemacheck

import (
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// template is the text of an EXECUTE as far as it is known: literal pieces, with $n for values that are
// quoted as literals.
type template struct {
	routine *routine
	text    strings.Builder
	// values are what $1, $2, … of the text stand for.
	values []*pgast.Node
	// unknown says that a piece of the text is not known.
	unknown bool
}

// dynamic looks at EXECUTE: text that is known, but for values, is a statement like another; text that
// holds an argument as it is makes the function run whatever its caller says.
func (r *routine) dynamic(query, params any, line int) {
	t := &template{routine: r}
	list, _ := params.([]any)
	for _, param := range list {
		t.values = append(t.values, r.expr(asMap(param)))
	}
	t.piece(r.expr(asMap(query)))
	if r.injected != "" {
		return
	}
	at := r.line(line)
	statements, broken := pgast.Parse(pgast.NewEmbedded(at.File, t.text.String(), func(int) finding.Position { return at }))
	if t.unknown || len(broken) > 0 {
		r.opaque = "it runs SQL that is built at run time"
		return
	}
	for _, stmt := range statements {
		pgast.Rewrite(stmt.Node, func(n *pgast.Node) bool {
			if ref := n.GetParamRef(); ref != nil && ref.Number > 0 && int(ref.Number) <= len(t.values) && t.values[ref.Number-1] != nil {
				n.Node = pgast.Clone(t.values[ref.Number-1]).Node
				return false
			}
			return true
		})
		r.add(stmt)
	}
}

// piece appends what an expression of type text gives.
func (t *template) piece(node *pgast.Node) {
	node = withoutCast(node)
	switch n := node.GetNode().(type) {
	case *pgast.Node_AConst:
		t.text.WriteString(n.AConst.GetSval().GetSval())
	case *pgast.Node_AExpr:
		if len(n.AExpr.Name) == 1 && n.AExpr.Name[0].GetString_().GetSval() == "||" {
			t.piece(n.AExpr.Lexpr)
			t.piece(n.AExpr.Rexpr)
			return
		}
		t.unknown = true
	case *pgast.Node_FuncCall:
		t.call(n.FuncCall)
	default:
		t.raw(node)
	}
}

func (t *template) call(call *pgast.FuncCall) {
	args := call.Args
	switch name := functionName(call); {
	case len(args) == 1 && (name == "quote_literal" || name == "quote_nullable"):
		t.value(args[0])
	case len(args) == 1 && name == "quote_ident":
		t.raw(args[0])
	case len(args) > 0 && name == "concat":
		for _, arg := range args {
			t.piece(arg)
		}
	case len(args) > 0 && name == "format" && constantOf(args[0]).GetSval() != nil:
		t.format(constantOf(args[0]).GetSval().GetSval(), args[1:])
	default:
		t.unknown = true
	}
}

// format appends what format() gives; widths and positions such as %1$I are not followed.
func (t *template) format(text string, args []*pgast.Node) {
	for {
		before, rest, found := strings.Cut(text, "%")
		t.text.WriteString(before)
		if !found {
			return
		}
		if rest == "" {
			t.unknown = true
			return
		}
		verb := rest[0]
		text = rest[1:]
		if verb == '%' {
			t.text.WriteByte('%')
			continue
		}
		if len(args) == 0 {
			t.unknown = true
			return
		}
		switch verb {
		case 'L':
			t.value(args[0])
		case 'I', 's':
			t.piece(args[0])
		default:
			t.unknown = true
		}
		args = args[1:]
	}
}

// value appends a value that is quoted as a literal.
func (t *template) value(node *pgast.Node) {
	t.values = append(t.values, node)
	t.text.WriteString("$" + strconv.Itoa(len(t.values)))
}

// raw appends text that is run as it is: nothing is known of it, and an argument may hold anything.
func (t *template) raw(node *pgast.Node) {
	if constant := constantOf(node).GetSval(); constant != nil {
		t.text.WriteString(constant.GetSval())
		return
	}
	t.unknown = true
	pgast.Walk(t.routine.substitute(node), func(n any) bool {
		if ref, ok := n.(*pgast.ParamRef); ok && ref.Number > 0 && int(ref.Number) <= t.routine.arguments {
			t.routine.injected, _ = t.routine.name("$" + strconv.Itoa(int(ref.Number)))
			t.routine.before = t.text.String()
		}
		return true
	})
}
