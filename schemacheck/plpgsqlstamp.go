package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// stamp notes an assignment of a trigger function: it sets a field of NEW to what the session is, or it takes back what
// one before it did.
func (r *routine) stamp(target string, value *pgast.Node, always bool) {
	field, ok := strings.CutPrefix(target, "new.")
	field = strings.Trim(field, `"`)
	session := ok && r.sessionSelect(value) && !fallsBack(value)
	switch {
	case target == "new":
		r.assigned = nil
	case ok && !session:
		r.assigned = slices.DeleteFunc(r.assigned, func(stamped string) bool { return stamped == field })
	case session && always && !r.skips:
		r.assigned = append(r.assigned, field)
	}
}

// stampsOver notes that a query puts something into NEW.
func (r *routine) stampsOver(fields map[string]any) {
	target := encode(fields["target"])
	if into, _ := fields["into"].(bool); into && (strings.Contains(target, `"new"`) || strings.Contains(target, `"new.`)) {
		r.assigned = nil
	}
}

// returnsOther notes a RETURN that may store another row than NEW.
func (r *routine) returnsOther(fields map[string]any) {
	node := r.expr(asMap(fields["expr"]))
	if !r.trigger || node == nil {
		return
	}
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.FuncCall, *pgast.RowExpr, *pgast.SubLink, *pgast.TypeCast:
			r.assigned = nil
		case *pgast.ColumnRef:
			if name := n.Fields[0].GetString_().GetSval(); name != "new" && name != "old" && !strings.HasPrefix(name, "tg_") {
				r.assigned = nil
			}
		}
		return true
	})
}

// keepsRow reports whether a RETURN of a trigger function leaves no new row to be stored: it gives OLD, or nothing.
func keepsRow(fields map[string]any) bool {
	query, _ := asMap(asMap(fields["expr"])["PLpgSQL_expr"])["query"].(string)
	return slices.Contains([]string{"", "old", "null"}, strings.ToLower(strings.TrimSpace(query)))
}
