package replay

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// maxName is the length of the longest name in bytes (NAMEDATALEN - 1).
const maxName = 63

// objectName makes a name of two parts and a label, shortened as makeObjectName in PostgreSQL's
// indexcmds.c does.
func objectName(name1, name2, label string) string {
	overhead := 0
	if name2 != "" {
		overhead++
	}
	if label != "" {
		overhead += 1 + len(label)
	}
	n1, n2 := len(name1), len(name2)
	for n1+n2 > maxName-overhead {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	parts := []string{clip(name1, n1)}
	if name2 != "" {
		parts = append(parts, clip(name2, n2))
	}
	if label != "" {
		parts = append(parts, label)
	}
	return strings.Join(parts, "_")
}

// clip shortens a name to at most n bytes without cutting a character.
func clip(name string, n int) string {
	if n >= len(name) {
		return name
	}
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n]
}

// freeName chooses the first name of the form base_label, base_label1, … that is not taken.
func (r *replayer) freeName(schema, name1, name2, label string, taken func(pgschema.Name) bool) string {
	base := pgschema.Name{Schema: schema, Name: objectName(name1, name2, label)}
	for digit := r.nextDigit[base]; ; digit++ {
		name := base
		if digit > 0 {
			name.Name = objectName(name1, name2, label+strconv.Itoa(digit))
		}
		if !taken(name) {
			r.nextDigit[base] = digit
			return name.Name
		}
	}
}

// relationName chooses a name for a sequence or index without one.
func (r *replayer) relationName(schema, name1, name2, label string) string {
	return r.freeName(schema, name1, name2, label, r.relationTaken)
}

// keyName chooses a name for a constraint that has an index.
func (r *replayer) keyName(schema, name1, name2, label string) string {
	return r.freeName(schema, name1, name2, label, func(n pgschema.Name) bool {
		return r.relationTaken(n) || r.constraints[n] > 0
	})
}

// constraintName chooses a name for a check or foreign key.
func (r *replayer) constraintName(schema, name1, name2, label string) string {
	return r.freeName(schema, name1, name2, label, func(n pgschema.Name) bool { return r.constraints[n] > 0 })
}

// joinColumns is the part of a generated name that stands for columns.
func joinColumns(columns []string) string {
	var b strings.Builder
	for _, c := range columns {
		if b.Len() > 0 {
			b.WriteByte('_')
		}
		b.WriteString(c)
		if b.Len() > maxName {
			break
		}
	}
	return b.String()
}

// indexColumnNames are the names that the columns of an index itself get, which its generated name
// is made of.
func indexColumnNames(elements []*pgast.Node) []string {
	var names []string
	taken := map[string]bool{}
	for _, n := range elements {
		e := n.GetIndexElem()
		name := e.GetName()
		if name == "" {
			if name = figureName(e.GetExpr()); name == "" {
				name = "expr"
			}
		}
		unique := name
		for i := 1; taken[unique]; i++ {
			digits := strconv.Itoa(i)
			unique = clip(name, maxName-len(digits)) + digits
		}
		taken[unique] = true
		names = append(names, unique)
	}
	return names
}

// figureName is the name that an expression gives a result column; empty when it gives none
// (FigureColname in PostgreSQL's parse_target.c).
func figureName(node *pgast.Node) string {
	name, _ := figureNameStrength(node)
	return name
}

// figureNameStrength returns a name and whether it is a good one (2) or one that gives way (1).
func figureNameStrength(node *pgast.Node) (string, int) {
	switch n := pgast.Unwrap(node).(type) {
	case *pgast.ColumnRef:
		if names := stringList(n.Fields); len(names) > 0 {
			return names[len(names)-1], 2
		}
	case *pgast.A_Indirection:
		if names := stringList(n.Indirection); len(names) > 0 {
			return names[len(names)-1], 2
		}
		return figureNameStrength(n.Arg)
	case *pgast.FuncCall:
		_, name := qualified(n.Funcname)
		return name, 2
	case *pgast.A_Expr:
		if n.Kind == pgast.A_Expr_Kind_AEXPR_NULLIF {
			return "nullif", 2
		}
	case *pgast.TypeCast:
		if name, strength := figureNameStrength(n.Arg); strength > 1 {
			return name, strength
		}
		_, name := qualified(n.TypeName.GetNames())
		return name, 1
	case *pgast.CollateClause:
		return figureNameStrength(n.Arg)
	case *pgast.CaseExpr:
		if name, strength := figureNameStrength(n.Defresult); strength > 1 {
			return name, strength
		}
		return "case", 1
	case *pgast.SubLink:
		switch n.SubLinkType {
		case pgast.SubLinkType_EXISTS_SUBLINK:
			return "exists", 2
		case pgast.SubLinkType_ARRAY_SUBLINK:
			return "array", 2
		case pgast.SubLinkType_EXPR_SUBLINK:
			if targets := leftmost(n.Subselect.GetSelectStmt()).GetTargetList(); len(targets) > 0 {
				target := targets[0].GetResTarget()
				if target.GetName() != "" {
					return target.Name, 2
				}
				return figureNameStrength(target.GetVal())
			}
		}
	case *pgast.A_ArrayExpr:
		return "array", 2
	case *pgast.RowExpr:
		return "row", 2
	case *pgast.CoalesceExpr:
		return "coalesce", 2
	case *pgast.MinMaxExpr:
		if n.Op == pgast.MinMaxOp_IS_GREATEST {
			return "greatest", 2
		}
		return "least", 2
	case *pgast.GroupingFunc:
		return "grouping", 2
	case *pgast.SQLValueFunction:
		return valueFunctionName(n.Op), 2
	}
	return "", 0
}

// leftmost is the SELECT that names the columns of a set operation.
func leftmost(s *pgast.SelectStmt) *pgast.SelectStmt {
	for s.GetLarg() != nil {
		s = s.Larg
	}
	return s
}

// valueFunctionName is the name of CURRENT_USER and its like.
func valueFunctionName(op pgast.SQLValueFunctionOp) string {
	name := strings.ToLower(strings.TrimPrefix(op.String(), "SVFOP_"))
	return strings.TrimSuffix(name, "_n")
}
