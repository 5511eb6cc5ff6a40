package catalog

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// queueFunctions asks for the functions, without those that a range type makes.
func (r *reader) queueFunctions() {
	r.ask(`SELECT f.oid, n.oid, f.proname, f.prokind = 'p', f.provariadic <> 0, f.proargtypes, f.proargnames, f.proargmodes::text[],
			CASE WHEN f.pronargdefaults > 0 THEN ARRAY(SELECT coalesce(pg_get_function_arg_default(f.oid, m.ord::int), '')
				FROM unnest(coalesce(f.proargmodes::text[], array_fill('i'::text, ARRAY[f.pronargs::int])))
				WITH ORDINALITY m(mode, ord) WHERE m.mode IN ('i', 'b', 'v') ORDER BY m.ord) END,
			pg_get_function_result(f.oid), l.lanname, f.prosrc,
			`+r.printed("f.oid", "coalesce(pg_get_function_sqlbody(f.oid), '')")+`, f.prosecdef, f.proleakproof, f.provolatile, f.procost,
			f.proconfig, f.proowner, f.proacl
		FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang
		WHERE f.oid >= `+firstUser+` AND USER_SCHEMAS AND f.prokind IN ('f', 'p', 'w')
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'i')
		ORDER BY f.oid`, func(w *row) {
		id, namespace := w.oid(), r.namespaces[w.oid()]
		if namespace == nil {
			return
		}
		f := &pgschema.Function{
			Name: pgschema.Name{Schema: namespace.Name, Name: w.text()}, Procedure: w.flag(), Variadic: w.flag(),
			Extension: r.extensions[member{id, "pg_proc"}],
		}
		types := w.oids()
		f.Args, f.ArgNames = make([]string, len(types)), make([]string, len(types))
		for i, t := range types {
			r.typeName(typmod{oid: t}, &f.Args[i])
		}
		copy(f.ArgNames, inputNames(w.list(), w.list()))
		for i, text := range w.list() {
			if text == "" {
				continue
			}
			if f.Defaults == nil {
				f.Defaults = map[int]*pgschema.Expr{}
			}
			f.Defaults[i] = r.expr(&text, subject{name: f.Name.String()})
		}
		f.Returns, f.Language, f.Body = w.text(), w.text(), w.text()
		body := w.printed()
		if body == nil {
			r.lockedFunctions[id] = f.Name.String()
			return
		}
		f.SecurityDefiner, f.Leakproof, f.Volatility, f.Cost = w.flag(), w.flag(), w.letter(), w.float()
		for _, s := range w.list() {
			name, value, _ := strings.Cut(s, "=")
			if f.Settings == nil {
				f.Settings = map[string]string{}
			}
			f.Settings[name] = value
		}
		owner := w.oid()
		f.Owner = r.role(owner)
		if *body != "" {
			f.Body, f.BodyNodes = "", r.sqlBody(*body, subject{name: f.Name.String()})
		}
		r.functions[id] = f
		r.schema.Functions = append(r.schema.Functions, f)
		r.holds(acl{onFunction, owner, w.text()}, part{of: id}, holder{grants: &f.Grants})
	})
}

// inputNames returns the names of the arguments that a call gives; without modes that is each.
func inputNames(names, modes []string) []string {
	if modes == nil {
		return names
	}
	var input []string
	for i, mode := range modes {
		if mode == "i" || mode == "b" || mode == "v" {
			name := ""
			if i < len(names) {
				name = names[i]
			}
			input = append(input, name)
		}
	}
	return input
}

// sqlBody parses a body that the server prints as RETURN … or BEGIN ATOMIC … END, which is SQL only
// inside a function.
func (r *reader) sqlBody(text string, about subject) []*pgschema.Expr {
	whole := r.statement("CREATE FUNCTION f() RETURNS int LANGUAGE sql "+text, about)
	var nodes []*pgschema.Expr
	var collect func(*pgast.Node)
	collect = func(n *pgast.Node) {
		switch b := pgast.Unwrap(n).(type) {
		case nil:
		case *pgast.List:
			for _, item := range b.Items {
				collect(item)
			}
		case *pgast.ReturnStmt:
			nodes = append(nodes, &pgschema.Expr{Text: text, Node: b.Returnval})
		default:
			nodes = append(nodes, &pgschema.Expr{Text: text, Node: n})
		}
	}
	collect(whole.Node.GetCreateFunctionStmt().GetSqlBody())
	return nodes
}
