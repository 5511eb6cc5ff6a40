package catalog

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// queueFunctions asks for the functions, without those that a range type makes.
func (r *reader) queueFunctions() {
	r.ask(`SELECT f.oid, n.nspname::text, f.proname::text, f.prokind = 'p', f.provariadic <> 0,
			ARRAY(SELECT format_type(u.type, NULL) FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY u(type, ord) ORDER BY u.ord),
			ARRAY(SELECT coalesce(u.name, '') FROM unnest(f.proargnames, coalesce(f.proargmodes::text[], array_fill('i'::text,
				ARRAY[coalesce(array_length(f.proargnames, 1), 0)]))) WITH ORDINALITY u(name, mode, ord)
				WHERE u.mode IN ('i', 'b', 'v') ORDER BY u.ord)::text[],
			ARRAY(SELECT coalesce(pg_get_function_arg_default(f.oid, m.ord::int), '')
				FROM unnest(coalesce(f.proargmodes::text[], array_fill('i'::text, ARRAY[f.pronargs::int])))
				WITH ORDINALITY m(mode, ord) WHERE m.mode IN ('i', 'b', 'v') ORDER BY m.ord),
			coalesce(pg_get_function_result(f.oid), ''), l.lanname::text, coalesce(f.prosrc, ''),
			`+r.printed("f.oid", "coalesce(pg_get_function_sqlbody(f.oid), '')")+`, f.prosecdef, f.proleakproof, f.provolatile::text, f.procost::float8,
			coalesce(f.proconfig, '{}')::text[], pg_get_userbyid(f.proowner)::text
		FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang
		WHERE USER_SCHEMAS AND f.prokind IN ('f', 'p', 'w')
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'i')
		ORDER BY f.oid`, func(row pgx.Rows) error {
		var oid uint32
		var names, defaults, settings []string
		var sqlBody *string // nil for one that is locked
		var volatility string
		f := &pgschema.Function{}
		if err := row.Scan(&oid, &f.Schema, &f.Name.Name, &f.Procedure, &f.Variadic, &f.Args, &names, &defaults, &f.Returns,
			&f.Language, &f.Body, &sqlBody, &f.SecurityDefiner, &f.Leakproof, &volatility, &f.Cost, &settings,
			&f.Owner); err != nil {
			return err
		}
		if sqlBody == nil {
			r.lockedFunctions[oid] = f.Name.String()
			return nil
		}
		f.Volatility, f.Extension = volatility[0], r.extensions[member{oid, "pg_proc"}]
		f.ArgNames = make([]string, len(f.Args))
		copy(f.ArgNames, names)
		for i, text := range defaults {
			if text == "" {
				continue
			}
			if f.Defaults == nil {
				f.Defaults = map[int]*pgschema.Expr{}
			}
			f.Defaults[i] = r.expr(&text, f.Name.String())
		}
		for _, s := range settings {
			name, value, _ := strings.Cut(s, "=")
			if f.Settings == nil {
				f.Settings = map[string]string{}
			}
			f.Settings[name] = value
		}
		if *sqlBody != "" {
			f.Body = ""
			f.BodyNodes = r.sqlBody(*sqlBody, f.Name.String())
		}
		r.functions[oid] = f
		r.schema.Functions = append(r.schema.Functions, f)
		return nil
	})
}

// sqlBody parses a body that the server prints as RETURN … or BEGIN ATOMIC … END, which is SQL only
// inside a function.
func (r *reader) sqlBody(text, object string) []*pgschema.Expr {
	whole := r.statement("CREATE FUNCTION f() RETURNS int LANGUAGE sql "+text, object)
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
