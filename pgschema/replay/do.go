package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// do applies a DO block.
func (r *replayer) do(n *pgast.DoStmt) error {
	language := "plpgsql"
	var body string
	var location int32
	for _, node := range n.Args {
		switch o := node.GetDefElem(); o.GetDefname() {
		case "language":
			language = strings.ToLower(optionText(o))
		case "as":
			body, location = optionText(o), o.Location
		}
	}
	if language != "plpgsql" {
		return &undecidedError{code: "dynamic-sql", reason: fmt.Sprintf("the DO block is in %s, which is not interpreted", language)}
	}
	return r.runScript(r.newScript(r.stmt, body, r.bodyOffset(location)), nil)
}

// maxCalls is how deep functions that call functions are followed.
const maxCalls = 16

// changingFunctions are functions of extensions that change the schema.
var changingFunctions = wordSet(`create_hypertable create_distributed_table create_reference_table undistribute_table
	addgeometrycolumn dropgeometrycolumn create_parent dblink_exec`)

// callsIn follows the function calls in the target list of a query, once for each of its rows.
func (r *replayer) callsIn(s *pgast.SelectStmt, e *evaluator) error {
	var calls []*pgast.FuncCall
	for _, t := range s.TargetList {
		if call := t.GetResTarget().GetVal().GetFuncCall(); call != nil && r.mayChange(call) {
			calls = append(calls, call)
		}
	}
	if len(calls) == 0 {
		return nil
	}
	combinations := [][]boundRow{nil}
	if len(s.FromClause) > 0 || s.WhereClause != nil {
		var ok bool
		if combinations, ok = e.matching(s); !ok {
			return &undecidedError{location: calls[0].Location, code: "dynamic-sql", reason: "the rows for which this calls functions that change the schema are not known"}
		}
	}
	for _, rows := range combinations {
		bound := &evaluator{r: r, frame: e.frame, rows: rows}
		for _, call := range calls {
			if err := r.call(call, bound); err != nil {
				return err
			}
		}
	}
	return nil
}

// candidates are the functions of the migrations that a call can mean.
func (r *replayer) candidates(n *pgast.FuncCall) []*pgschema.Function {
	schema, name := qualified(n.GetFuncname())
	return slices.DeleteFunc(slices.Clone(r.lookupFunctions(schema, name)), func(f *pgschema.Function) bool {
		return !f.Accepts(len(n.GetArgs()))
	})
}

// mayChange reports whether a call can change the schema or the settings of the session.
func (r *replayer) mayChange(n *pgast.FuncCall) bool {
	schema, name := qualified(n.GetFuncname())
	if functions := r.candidates(n); len(functions) > 0 {
		return slices.ContainsFunc(functions, r.changes)
	}
	return changingFunctions[name] || name == "set_config" || schema != "" && schema != catalogSchema
}

// changes reports whether the body of a function can change the schema.
func (r *replayer) changes(f *pgschema.Function) bool {
	definition := r.scripts[f]
	if definition == nil || f.Returns == "trigger" {
		return false
	}
	known, ok := r.changing[definition]
	if ok {
		return known
	}
	r.changing[definition] = false // also the answer for a function that calls itself
	switch f.Language {
	case "plpgsql":
		s := r.newScript(definition, f.Body, -1)
		if err := s.parse(); err != nil {
			known = mentionsDDL(f.Body)
		} else {
			known = r.hasEffect([]plStatement{s.tree})
		}
	case "sql":
		statements, _ := pgast.Parse(pgast.NewSource("", f.Body))
		known = slices.ContainsFunc(statements, func(s *pgast.Statement) bool { return changesSchema(s.Node) })
	}
	r.changing[definition] = known
	return known
}

// call applies a call of a function: one of the migrations is followed, a built-in one changes no
// schema.
func (r *replayer) call(n *pgast.FuncCall, e *evaluator) error {
	schema, name := qualified(n.GetFuncname())
	functions := r.candidates(n)
	switch {
	case name == "set_config":
		r.setConfig(n, e)
	case len(functions) == 1:
		return r.callFunction(functions[0], n, e)
	case len(functions) > 1:
		return &undecidedError{location: n.GetLocation(), code: "dynamic-sql", reason: fmt.Sprintf("which function %s is called depends on the types of its arguments", name)}
	case schema != "" && schema != catalogSchema || changingFunctions[name]:
		return unknownFunction(n)
	}
	return nil
}

func unknownFunction(n *pgast.FuncCall) error {
	schema, name := qualified(n.GetFuncname())
	return &undecidedError{location: n.GetLocation(), code: "unknown-function",
		reason: fmt.Sprintf("the migrations do not define %s, which may change the schema", pgschema.Name{Schema: schema, Name: name})}
}

// callProcedure applies CALL; no procedure is built in.
func (r *replayer) callProcedure(n *pgast.FuncCall, e *evaluator) error {
	if len(r.candidates(n)) == 0 {
		return unknownFunction(n)
	}
	return r.call(n, e)
}

// callFunction follows a call with the argument values that the caller knows.
func (r *replayer) callFunction(f *pgschema.Function, n *pgast.FuncCall, e *evaluator) error {
	definition := r.scripts[f]
	if definition == nil || !r.changes(f) {
		return nil
	}
	if r.depth >= maxCalls {
		return &undecidedError{code: "dynamic-sql", reason: fmt.Sprintf("calls of %s nest too deep to follow", f.Name)}
	}
	r.depth++
	defer func() { r.depth-- }()
	saved, stmt := r.now, r.stmt
	defer func() { r.now, r.stmt = saved, stmt }()
	if path, ok := f.Settings["search_path"]; ok {
		r.now.path = splitPath(path)
	}
	if f.SecurityDefiner {
		r.now.role = f.Owner
	}
	switch f.Language {
	case "plpgsql":
		args := r.arguments(f, n, e)
		r.stmt = definition
		body := strings.Index(definition.Text(), f.Body)
		return r.runScript(r.newScript(definition, f.Body, body), args)
	case "sql":
		return r.runSQLFunction(f)
	}
	return nil
}

// arguments are the values of the parameters by name and by $n.
func (r *replayer) arguments(f *pgschema.Function, n *pgast.FuncCall, e *evaluator) map[string]value {
	values := map[string]value{}
	for i, name := range f.ArgNames {
		v := unknown
		switch {
		case i < len(n.Args) && n.Args[i].GetNamedArgExpr() != nil:
			continue
		case i < len(n.Args):
			v = e.value(n.Args[i])
		case f.Defaults[i] != nil:
			v = (&evaluator{r: r}).value(f.Defaults[i].Node)
		}
		values[name] = v
		values[fmt.Sprintf("$%d", i+1)] = v
	}
	for _, a := range n.Args {
		if named := a.GetNamedArgExpr(); named != nil {
			values[named.Name] = e.value(named.Arg)
		}
	}
	return values
}

// runSQLFunction applies the DDL in the body of an SQL function.
func (r *replayer) runSQLFunction(f *pgschema.Function) error {
	if f.Body == "" {
		return nil // BEGIN ATOMIC holds no DDL
	}
	place := func(int) pgschema.Origin { return f.BodyOrigin }
	statements, _ := pgast.Parse(pgast.NewEmbedded(f.BodyOrigin.File, f.Body, place))
	for _, stmt := range statements {
		if !changesSchema(stmt.Node) {
			continue
		}
		r.stmt = stmt
		if err := r.dispatch(stmt.Node); err != nil {
			return err
		}
	}
	return nil
}

// changesSchema reports whether a statement is more than a query or a change of rows.
func changesSchema(n *pgast.Node) bool {
	switch n := pgast.Unwrap(n).(type) {
	case *pgast.InsertStmt:
		return isCatalog(n.Relation)
	case *pgast.UpdateStmt:
		return isCatalog(n.Relation)
	case *pgast.DeleteStmt:
		return isCatalog(n.Relation)
	case *pgast.MergeStmt, *pgast.TruncateStmt, *pgast.LockStmt:
		return false
	case *pgast.SelectStmt:
		if n.IntoClause != nil {
			return true
		}
		return slices.ContainsFunc(n.TargetList, func(t *pgast.Node) bool { return t.GetResTarget().GetVal().GetFuncCall() != nil })
	}
	return true
}
