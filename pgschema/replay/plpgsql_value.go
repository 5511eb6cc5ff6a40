package replay

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// value is a value of PL/pgSQL: text, NULL, an array, a record, or not known.
type value struct {
	unknown bool
	null    bool
	array   bool
	text    string
	list    []value
	fields  map[string]value
	object  bool      // an object identifier; text is its qualified name
	time    time.Time // set for a date or time
}

var (
	unknown = value{unknown: true}
	null    = value{null: true}
)

func textValue(s string) value { return value{text: s} }

func boolValue(b bool) value { return value{text: strconv.FormatBool(b)} }

func (v value) isTrue() bool { return !v.unknown && !v.null && (v.text == "true" || v.text == "t") }

func (v value) integer() (int, error) {
	if v.unknown || v.null {
		return 0, fmt.Errorf("no number")
	}
	return strconv.Atoi(v.text)
}

// not is three-valued NOT.
func (v value) not() value {
	if v.unknown || v.null {
		return v
	}
	return boolValue(!v.isTrue())
}

// eval evaluates an expression of the body.
func (f *frame) eval(expr string) value {
	node, err := pgast.ParseExpr(expr)
	if err != nil {
		return unknown
	}
	return f.r.evaluate(node, f)
}

// evaluate evaluates an expression with the variables of a frame, which may be nil.
func (r *replayer) evaluate(node *pgast.Node, f *frame) value {
	return (&evaluator{r: r, frame: f}).value(node)
}

// evaluator evaluates expressions over variables and the rows of catalog queries.
type evaluator struct {
	r     *replayer
	frame *frame
	rows  []boundRow // the rows in sight, innermost last
	// results are those of WITH queries.
	results map[string]queryResult
}

// boundRow is one row of a table in FROM.
type boundRow struct {
	alias  string
	order  []string // of the fields; nil for that of their names
	fields map[string]value
}

// names are the fields in the order in which * gives them.
func (b boundRow) names() []string {
	if b.order != nil {
		return b.order
	}
	return slices.Sorted(maps.Keys(b.fields))
}

func (e *evaluator) value(node *pgast.Node) value {
	switch n := pgast.Unwrap(node).(type) {
	case *pgast.A_Const:
		if n.Isnull {
			return null
		}
		return textValue(constText(n))
	case *pgast.ColumnRef:
		return e.reference(stringList(n.Fields))
	case *pgast.ParamRef:
		if e.frame != nil {
			if v, ok := e.frame.vars[fmt.Sprintf("$%d", n.Number)]; ok {
				return v
			}
		}
		return unknown
	case *pgast.A_ArrayExpr:
		v := value{array: true}
		for _, x := range n.Elements {
			v.list = append(v.list, e.value(x))
		}
		return v
	case *pgast.TypeCast:
		return e.cast(n)
	case *pgast.FuncCall:
		return e.call(n)
	case *pgast.BoolExpr:
		return e.boolean(n)
	case *pgast.NullTest:
		v := e.value(n.Arg)
		if v.unknown {
			return unknown
		}
		return boolValue(v.null == (n.Nulltesttype == pgast.NullTestType_IS_NULL))
	case *pgast.BooleanTest:
		return e.booleanTest(n)
	case *pgast.CoalesceExpr:
		for _, a := range n.Args {
			if v := e.value(a); v.unknown || !v.null {
				return v
			}
		}
		return null
	case *pgast.CaseExpr:
		return e.choose(n)
	case *pgast.A_Expr:
		return e.operator(n)
	case *pgast.SubLink:
		return e.sublink(n)
	case *pgast.SQLValueFunction:
		switch valueFunctionName(n.Op) {
		case "current_user", "current_role", "user":
			return e.r.roleValue(e.r.now.role)
		case "session_user":
			return e.r.roleValue(e.r.now.session)
		case "current_schema":
			return e.r.currentSchema()
		case "current_date", "current_timestamp", "localtimestamp":
			return timeValue(clock)
		}
	case *pgast.A_Indirection:
		return e.element(n)
	}
	return unknown
}

func (r *replayer) roleValue(name string) value {
	if name == "" {
		return unknown
	}
	return textValue(name)
}

func (r *replayer) currentSchema() value {
	for name := range r.path {
		return textValue(name)
	}
	return null
}

// reference evaluates a column of a row in sight, or a variable.
func (e *evaluator) reference(names []string) value {
	if len(names) == 0 {
		return unknown
	}
	name := names[len(names)-1]
	for _, row := range slices.Backward(e.rows) {
		if len(names) > 1 && row.alias != names[len(names)-2] {
			continue
		}
		if v, ok := row.fields[name]; ok {
			return v
		}
		if len(names) > 1 {
			return unknown
		}
	}
	if e.frame == nil {
		return unknown
	}
	v, ok := e.frame.vars[names[0]]
	switch {
	case !ok:
		return unknown
	case len(names) == 1:
		return v
	case v.fields != nil:
		if field, ok := v.fields[names[1]]; ok {
			return field
		}
	}
	return unknown
}

func (e *evaluator) cast(n *pgast.TypeCast) value {
	v := e.value(n.Arg)
	if v.unknown || v.null {
		return v
	}
	_, name := qualified(n.TypeName.GetNames())
	switch {
	case len(n.TypeName.GetArrayBounds()) > 0 && !v.array:
		return arrayLiteral(v.text)
	case name == "regclass" && !v.object:
		schema, rel := splitQualified(v.text)
		return e.r.objectValue(schema, rel)
	case name == "regnamespace":
		return v
	case name == "text" || name == "varchar" || name == "name":
		if v.object {
			return textValue(e.r.shortName(v.text))
		}
	case name == "bool":
		return boolValue(strings.HasPrefix(strings.ToLower(v.text), "t") || v.text == "1" || v.text == "on" || v.text == "yes")
	case name == "date" || strings.HasPrefix(name, "timestamp"):
		if v.time.IsZero() {
			t, ok := parseTime(v.text)
			if !ok {
				return unknown
			}
			return timeValue(t)
		}
	}
	return v
}

// objectValue is the regclass of a relation or index; unknown when there is none, as PostgreSQL
// would refuse.
func (r *replayer) objectValue(schema, name string) value {
	if rel := r.find(schema, name); rel != nil {
		return value{text: rel.Name.String(), object: true}
	}
	if ref, ok := r.index(schema, name); ok {
		return value{text: pgschema.Name{Schema: ref.rel.Schema, Name: ref.idx.Name}.String(), object: true}
	}
	return unknown
}

// shortName writes an object as regclass does, without a schema that is on the search path.
func (r *replayer) shortName(full string) string {
	schema, name, ok := strings.Cut(full, ".")
	if !ok {
		return quoteIdent(full)
	}
	for s := range r.path {
		if s == schema {
			return quoteIdent(name)
		}
	}
	return quoteIdent(schema) + "." + quoteIdent(name)
}

// arrayLiteral reads the text form of an array of plain elements.
func arrayLiteral(text string) value {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	if inner, ok2 := strings.CutSuffix(inner, "}"); ok && ok2 {
		v := value{array: true}
		if strings.TrimSpace(inner) == "" {
			return v
		}
		for _, part := range strings.Split(inner, ",") {
			v.list = append(v.list, textValue(strings.Trim(strings.TrimSpace(part), `"`)))
		}
		return v
	}
	return unknown
}

func (e *evaluator) choose(n *pgast.CaseExpr) value {
	for _, node := range n.Args {
		w := node.GetCaseWhen()
		c := e.value(w.GetExpr())
		if n.Arg != nil {
			c = equal(e.value(n.Arg), c)
		}
		switch {
		case c.unknown:
			return unknown
		case c.isTrue():
			return e.value(w.GetResult())
		}
	}
	if n.Defresult == nil {
		return null
	}
	return e.value(n.Defresult)
}

// element evaluates array[n] and (record).field.
func (e *evaluator) element(n *pgast.A_Indirection) value {
	v := e.value(n.Arg)
	if v.unknown || len(n.Indirection) != 1 {
		return unknown
	}
	if names := stringList(n.Indirection); len(names) == 1 && v.fields != nil {
		if field, ok := v.fields[names[0]]; ok {
			return field
		}
		return unknown
	}
	index := n.Indirection[0].GetAIndices()
	if index == nil || index.IsSlice || !v.array {
		return unknown
	}
	i, err := e.value(index.Uidx).integer()
	if err != nil {
		return unknown
	}
	if i < 1 || i > len(v.list) {
		return null
	}
	return v.list[i-1]
}
