package replay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// createFunction applies CREATE [OR REPLACE] FUNCTION and PROCEDURE.
func (r *replayer) createFunction(n *pgast.CreateFunctionStmt) error {
	schema, name := qualified(n.Funcname)
	schema, err := r.creationSchema(schema)
	if err != nil {
		return err
	}
	f := &pgschema.Function{
		Name: pgschema.Name{Schema: schema, Name: name}, Procedure: n.IsProcedure,
		Volatility: 'v', Cost: 100, Owner: r.now.role, Origin: r.here(),
	}
	signature := r.setParameters(f, n)
	r.setBody(f, n)
	for _, o := range n.Options {
		r.setFunctionOption(f, o.GetDefElem())
	}
	old := r.overload(f.Name, f.Args)
	switch {
	case old == nil:
		r.functions[f.Name] = append(r.functions[f.Name], f)
		r.schema.Functions = append(r.schema.Functions, f)
		f.Grants = r.initialGrants(f.Owner, schema, "functions")
	case !n.Replace:
		return fmt.Errorf("function %s(%s) exists already at this point", f.Name, strings.Join(f.Args, ", "))
	case old.Procedure != f.Procedure:
		return fmt.Errorf("cannot change whether %s is a procedure", f.Name)
	default:
		// Replacing keeps owner and grants (PostgreSQL manual, CREATE FUNCTION).
		f.Owner, f.Grants = old.Owner, old.Grants
		*old = *f
		f = old
	}
	r.scripts[f] = r.stmt
	for _, target := range signature {
		r.users[target] = append(r.users[target], user{part: f})
	}
	for _, e := range f.BodyNodes {
		r.use(nil, f, e)
	}
	return nil
}

// setParameters reads the arguments and the result; it returns the types and tables of the schema
// that they name.
func (r *replayer) setParameters(f *pgschema.Function, n *pgast.CreateFunctionStmt) (signature []any) {
	var outputs, table []string
	name := func(t *pgast.TypeName) string {
		typ := r.typeOfName(t)
		if typ.user != nil {
			signature = append(signature, typ.user)
		}
		if typ.row != nil {
			signature = append(signature, typ.row)
		}
		return bareType(typ.text) // a modifier is not part of a signature
	}
	for _, node := range n.Parameters {
		p := node.GetFunctionParameter()
		typ := name(p.GetArgType())
		switch p.GetMode() {
		case pgast.FunctionParameterMode_FUNC_PARAM_TABLE:
			table = append(table, strings.TrimSpace(quoteIdent(p.Name)+" "+typ))
			continue
		case pgast.FunctionParameterMode_FUNC_PARAM_OUT:
			outputs = append(outputs, typ)
			continue
		case pgast.FunctionParameterMode_FUNC_PARAM_INOUT:
			outputs = append(outputs, typ)
		case pgast.FunctionParameterMode_FUNC_PARAM_VARIADIC:
			f.Variadic = true
		}
		if p.GetDefexpr() != nil {
			if f.Defaults == nil {
				f.Defaults = map[int]*pgschema.Expr{}
			}
			f.Defaults[len(f.Args)] = r.expr(p.Defexpr, "")
		}
		f.Args = append(f.Args, typ)
		f.ArgNames = append(f.ArgNames, p.GetName())
	}
	switch {
	case len(table) > 0:
		f.Returns = "TABLE(" + strings.Join(table, ", ") + ")"
	case n.ReturnType != nil:
		if f.Returns = name(n.ReturnType); n.ReturnType.Setof {
			f.Returns = "SETOF " + f.Returns
		}
	case len(outputs) == 1:
		f.Returns = outputs[0]
	case len(outputs) > 1:
		f.Returns = "record"
	}
	return signature
}

// setBody reads a body between quotes, a BEGIN ATOMIC block or a RETURN.
func (r *replayer) setBody(f *pgschema.Function, n *pgast.CreateFunctionStmt) {
	if n.SqlBody != nil {
		f.Language = "sql"
		r.bodyNodes(f, n.SqlBody)
		return
	}
	for _, o := range n.Options {
		if o := o.GetDefElem(); o.GetDefname() == "as" {
			if parts := stringList(o.Arg.GetList().GetItems()); len(parts) > 0 {
				f.Body = parts[0]
			}
			f.BodyOrigin = r.stmt.Source.Position(r.stmt.Start + r.bodyOffset(o.Location))
		}
	}
}

func (r *replayer) bodyNodes(f *pgschema.Function, body *pgast.Node) {
	switch b := pgast.Unwrap(body).(type) {
	case *pgast.List:
		for _, item := range b.Items {
			r.bodyNodes(f, item)
		}
	case *pgast.ReturnStmt:
		f.BodyNodes = append(f.BodyNodes, r.expr(b.Returnval, toEnd(r.stmt.Text(), "return")))
	default:
		f.BodyNodes = append(f.BodyNodes, r.expr(body, ""))
	}
}

// bodyOffset is where the text between the quotes of AS begins, counted from the statement.
func (r *replayer) bodyOffset(location int32) int {
	text := r.textFrom(location)
	offset := len(r.stmt.Text()) - len(text)
	for l := range pgast.Lexemes(text) {
		if l.Kind == '\'' {
			return offset + l.Start + openingQuote(text[l.Start:l.End])
		}
	}
	return offset
}

// openingQuote is the length of the quote that a string constant begins with.
func openingQuote(text string) int {
	if strings.HasPrefix(text, "$") {
		return strings.IndexByte(text[1:], '$') + 2
	}
	return strings.IndexByte(text, '\'') + 1
}

// setFunctionOption applies one clause of CREATE or ALTER FUNCTION.
func (r *replayer) setFunctionOption(f *pgschema.Function, o *pgast.DefElem) {
	switch o.GetDefname() {
	case "language":
		f.Language = strings.ToLower(optionText(o))
		if f.Cost == 100 && (f.Language == "c" || f.Language == "internal") {
			f.Cost = 1
		}
	case "volatility":
		switch optionText(o) {
		case "immutable":
			f.Volatility = 'i'
		case "stable":
			f.Volatility = 's'
		default:
			f.Volatility = 'v'
		}
	case "security":
		f.SecurityDefiner = optionBool(o)
	case "leakproof":
		f.Leakproof = optionBool(o)
	case "cost":
		if cost, err := strconv.ParseFloat(optionText(o), 64); err == nil {
			f.Cost = cost
		}
	case "set":
		r.setFunctionSetting(f, o.Arg.GetVariableSetStmt())
	}
}

func (r *replayer) setFunctionSetting(f *pgschema.Function, n *pgast.VariableSetStmt) {
	name := strings.ToLower(n.GetName())
	switch n.GetKind() {
	case pgast.VariableSetKind_VAR_RESET_ALL:
		f.Settings = nil
	case pgast.VariableSetKind_VAR_RESET, pgast.VariableSetKind_VAR_SET_DEFAULT:
		delete(f.Settings, name)
	default:
		if f.Settings == nil {
			f.Settings = map[string]string{}
		}
		f.Settings[name] = r.settingValue(n)
	}
}

// overload finds the function of exactly those argument types.
func (r *replayer) overload(name pgschema.Name, args []string) *pgschema.Function {
	for _, f := range r.functions[name] {
		if slices.Equal(f.Args, args) {
			return f
		}
	}
	return nil
}

// bareType is a type without its modifier.
func bareType(t string) string {
	open, end := strings.IndexByte(t, '('), strings.IndexByte(t, ')')
	if open < 0 || end < open {
		return t
	}
	return t[:open] + t[end+1:]
}

// function finds the function that a statement names.
func (r *replayer) function(o *pgast.ObjectWithArgs) (*pgschema.Function, error) {
	schema, name := qualified(o.GetObjname())
	candidates := r.lookupFunctions(schema, name)
	if o.GetArgsUnspecified() {
		switch len(candidates) {
		case 0:
			return nil, fmt.Errorf("function %q does not exist at this point", pgschema.Name{Schema: schema, Name: name})
		case 1:
			return candidates[0], nil
		}
		return nil, fmt.Errorf("function name %q is not unique", name)
	}
	var args []string
	for _, a := range o.GetObjargs() {
		args = append(args, bareType(r.typeOfName(a.GetTypeName()).text))
	}
	for _, f := range candidates {
		if slices.Equal(f.Args, args) {
			return f, nil
		}
	}
	// A procedure may be named with its output arguments as well.
	for _, f := range candidates {
		if len(candidates) == 1 && f.Procedure {
			return f, nil
		}
	}
	return nil, fmt.Errorf("function %s(%s) does not exist at this point", pgschema.Name{Schema: schema, Name: name}, strings.Join(args, ", "))
}

func (r *replayer) alterFunction(n *pgast.AlterFunctionStmt) error {
	f, err := r.function(n.Func)
	if err != nil {
		return err
	}
	for _, a := range n.Actions {
		r.setFunctionOption(f, a.GetDefElem())
	}
	r.event("AlterFunctionStmt", f.Name, "alter function")
	return nil
}

func (r *replayer) dropNamedFunction(o *pgast.ObjectWithArgs, ok, cascade bool) error {
	f, err := r.function(o)
	if err != nil {
		if ok {
			return nil
		}
		return err
	}
	return r.dropFunction(f, cascade)
}

// dropFunction drops a function; what uses it goes with CASCADE only.
func (r *replayer) dropFunction(f *pgschema.Function, cascade bool) error {
	for u := range r.usersOf(f) {
		if !cascade {
			return fmt.Errorf("cannot drop function %s: %s depends on it", f.Name, u.describe())
		}
		if err := r.dropUser(u); err != nil {
			return err
		}
	}
	r.functions[f.Name] = remove(r.functions[f.Name], f)
	return nil
}

// renameInSignature writes a type's new name into the arguments and the result of a function.
func renameInSignature(f *pgschema.Function, from, to string) {
	for i, t := range f.Args {
		f.Args[i] = renameType(t, from, to)
	}
	if set, ok := strings.CutPrefix(f.Returns, "SETOF "); ok {
		f.Returns = "SETOF " + renameType(set, from, to)
	} else if strings.HasPrefix(f.Returns, "TABLE(") {
		f.Returns = strings.ReplaceAll(f.Returns, " "+from, " "+to)
	} else {
		f.Returns = renameType(f.Returns, from, to)
	}
}

// renameType writes the new name of a type, which may be followed by brackets.
func renameType(t, from, to string) string {
	if rest, ok := strings.CutPrefix(t, from); ok && (rest == "" || rest[0] == '[' || rest[0] == '(') {
		return to + rest
	}
	return t
}

// moveFunction brings a function to another name or schema.
func (r *replayer) moveFunction(f *pgschema.Function, to pgschema.Name) {
	from := f.Name
	r.functions[from] = remove(r.functions[from], f)
	f.Name = to
	r.functions[to] = append(r.functions[to], f)
	for u := range r.usersOf(f) {
		if t, ok := u.part.(*pgschema.Trigger); ok {
			t.Function = to
			continue
		}
		renameFunctionIn(u.expr, from, to)
	}
}

// renameFunctionIn writes a function's new name into the calls of an expression.
func renameFunctionIn(e *pgschema.Expr, from, to pgschema.Name) {
	if e == nil {
		return
	}
	e.Node = pgast.Clone(e.Node)
	pgast.Walk(e.Node, func(m any) bool {
		if n, ok := m.(*pgast.FuncCall); ok {
			if schema, name := qualified(n.Funcname); name == from.Name && (schema == "" || schema == from.Schema) {
				n.Funcname = []*pgast.Node{stringNode(to.Schema), stringNode(to.Name)}
			}
		}
		return true
	})
}

func stringNode(s string) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_String_{String_: &pgast.String{Sval: s}}}
}
