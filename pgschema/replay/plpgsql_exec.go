package replay

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

type origin = pgschema.Origin

// maxSteps bounds the statements interpreted in one replay.
const maxSteps = 50_000

// frame is a PL/pgSQL body being executed.
type frame struct {
	r      *replayer
	script *script
	vars   map[string]value
}

// Ways to leave a list of statements.
var (
	errReturn   = errors.New("return")
	errExit     = errors.New("exit")
	errContinue = errors.New("continue")
)

// raisedError is RAISE EXCEPTION.
type raisedError struct{ line int }

func (e *raisedError) Error() string { return "the block raises an exception here" }

// runScript executes a body as far as it is plain. What it does without effect on the schema does
// not matter.
func (r *replayer) runScript(s *script, args map[string]value) error {
	if err := s.parse(); err != nil {
		if !mentionsDDL(s.body) {
			return nil
		}
		return &undecidedError{code: "dynamic-sql", reason: fmt.Sprintf("the PL/pgSQL body cannot be read (%v)", strings.TrimSpace(err.Error()))}
	}
	if !r.hasEffect([]plStatement{s.tree}) {
		return nil
	}
	f := &frame{r: r, script: s, vars: map[string]value{}}
	for name, v := range args {
		f.vars[name] = v
	}
	for _, v := range s.vars {
		if _, isArgument := f.vars[v.Name]; v.Name == "" || isArgument {
			continue
		}
		f.vars[v.Name] = null
		if text := v.Default.text(); text != "" {
			f.vars[v.Name] = v.coerce(f.eval(text))
		}
	}
	stmt := r.stmt
	defer func() { r.stmt = stmt }()
	undo := func() {}
	if r.running == 0 { // otherwise the block that calls this one undoes it
		undo = f.savepoint([]plStatement{s.tree})
	}
	r.running++
	err := f.run([]plStatement{s.tree})
	r.running--
	if errors.Is(err, errReturn) || errors.Is(err, errExit) || errors.Is(err, errContinue) {
		return nil
	}
	if err != nil {
		undo()
	}
	var raised *raisedError
	if errors.As(err, &raised) {
		r.schema.Skipped = append(r.schema.Skipped, finding.Skipped{
			Position: s.position(raised.line), What: "RAISE", Reason: "the migration ends with an exception at this point",
		})
		return nil
	}
	return err
}

// savepoint returns what undoes the statements that follow. A list of which only one can change the
// schema has nothing to undo when that fails.
func (f *frame) savepoint(list []plStatement) (undo func()) {
	if f.r.effects(list) < 2 {
		return func() {}
	}
	state := f.r.snapshot()
	return func() {
		if state != nil {
			f.r.restore(state)
		}
	}
}

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
			for _, part := range [][]plStatement{n.Body, n.Then, n.Elsif, n.Else, n.Stmts, n.Whens, n.ElseCase} {
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
		return !rowWords[l.Word]
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

// run executes statements in order.
func (f *frame) run(list []plStatement) error {
	for _, s := range list {
		if f.r.steps++; f.r.steps > maxSteps {
			return &undecidedError{code: "dynamic-sql", reason: "the body runs too long to be followed"}
		}
		kind, n := s.kind()
		if err := f.step(kind, n); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) step(kind string, n *plFields) error {
	switch kind {
	case "stmt_block":
		return f.block(n)
	case "stmt_if":
		return f.branch(n)
	case "stmt_case":
		return f.choose(n)
	case "stmt_assign":
		f.assign(n.Expr.text())
	case "stmt_execsql":
		return f.execute(n)
	case "stmt_dynexecute":
		return f.executeDynamic(n)
	case "stmt_perform", "stmt_call":
		return f.perform(n)
	case "stmt_foreach_a":
		return f.foreach(n)
	case "stmt_fori":
		return f.forInteger(n)
	case "stmt_fors":
		return f.forQuery(n, n.Query.text())
	case "stmt_while":
		return f.while(n)
	case "stmt_loop":
		return f.while(n)
	case "stmt_exit":
		return f.exit(n)
	case "stmt_return":
		return errReturn
	case "stmt_raise":
		const levelError = 21
		if n.Level >= levelError {
			return &raisedError{n.Line}
		}
	case "stmt_return_next", "stmt_return_query", "stmt_getdiag", "stmt_assert", "stmt_open", "stmt_fetch", "stmt_close",
		"stmt_commit", "stmt_rollback":
	default: // loops over cursors and computed queries
		return f.unless(n.Body, n.Line, "the rows it runs over are not known")
	}
	return nil
}

// unless says that a part that cannot be followed is undecided, where it has an effect at all.
func (f *frame) unless(body []plStatement, line int, why string) error {
	if !f.r.hasEffect(body) {
		return nil
	}
	f.undecided(line, "this part of a PL/pgSQL body changes the schema, and "+why)
	return nil
}

func (f *frame) undecided(line int, reason string) {
	f.r.schema.Undecided = append(f.r.schema.Undecided, finding.Undecided{
		Position: f.script.position(line), Object: summary(f.script.stmt.Text()), Code: "dynamic-sql", Reason: reason,
	})
	f.r.schema.Unknown = append(f.r.schema.Unknown, f.script.stmt)
}

// block executes BEGIN … END; a handler takes the errors of its block.
func (f *frame) block(n *plFields) error {
	if len(n.Exceptions) == 0 {
		return f.run(n.Body)
	}
	undo := f.savepoint(n.Body)
	err := f.run(n.Body)
	var undecided *undecidedError
	if err == nil || errors.Is(err, errReturn) || errors.Is(err, errExit) || errors.Is(err, errContinue) || errors.As(err, &undecided) {
		return err
	}
	undo()
	for _, e := range n.Exceptions {
		for _, exceptions := range e.List {
			for _, x := range exceptions {
				return f.run(x.Action)
			}
		}
	}
	return err
}

// branch executes IF.
func (f *frame) branch(n *plFields) error {
	switch c := f.eval(n.Cond.text()); {
	case c.unknown:
		all := slices.Concat(n.Then, n.Else)
		for _, e := range n.Elsif {
			_, elsif := e.kind()
			all = append(all, elsif.Stmts...)
		}
		return f.unless(all, n.Line, "its condition depends on data or settings")
	case c.isTrue():
		return f.run(n.Then)
	}
	for _, e := range n.Elsif {
		_, elsif := e.kind()
		switch c := f.eval(elsif.Cond.text()); {
		case c.unknown:
			return f.unless(append(elsif.Stmts, n.Else...), elsif.Line, "its condition depends on data or settings")
		case c.isTrue():
			return f.run(elsif.Stmts)
		}
	}
	return f.run(n.Else)
}

// choose executes CASE.
func (f *frame) choose(n *plFields) error {
	if text := n.Case.text(); text != "" && n.CaseVar < len(f.script.vars) {
		f.vars[f.script.vars[n.CaseVar].Name] = f.eval(text)
	}
	for _, w := range n.Whens {
		_, when := w.kind()
		switch c := f.eval(when.Expr.text()); {
		case c.unknown:
			return f.unless(append(when.Stmts, n.ElseCase...), n.Line, "its condition depends on data or settings")
		case c.isTrue():
			return f.run(when.Stmts)
		}
	}
	return f.run(n.ElseCase)
}

// assign executes name := expression.
func (f *frame) assign(text string) {
	name, expr, ok := strings.Cut(text, ":=")
	if !ok {
		name, expr, _ = strings.Cut(text, "=")
	}
	name = strings.TrimSpace(name)
	if base, rest, isPart := strings.Cut(name, "["); isPart || strings.Contains(rest, ".") {
		f.vars[fold(strings.TrimSpace(base))] = unknown
		return
	}
	name = fold(name)
	f.vars[name] = f.script.variable(name).coerce(f.eval(expr))
}

// fold brings a written name to the form in which variables are kept.
func fold(name string) string {
	if strings.HasPrefix(name, `"`) {
		return strings.Trim(name, `"`)
	}
	return strings.ToLower(name)
}

// execute runs a static statement.
func (f *frame) execute(n *plFields) error {
	text := n.SQL.text()
	if n.Into {
		f.into(n.Target, text)
		return nil
	}
	if !changesBeyondRows(text) {
		return nil
	}
	stmt, err := f.script.statement(text, n.Line)
	if err != nil {
		return err
	}
	return f.try(stmt)
}

// try applies a statement and turns what would be a note into an error, which a handler may take.
func (f *frame) try(stmt *pgast.Statement) error {
	if stmt == nil {
		return nil
	}
	saved := f.r.stmt
	defer func() { f.r.stmt = saved }()
	f.r.stmt = stmt
	notes := len(f.r.schema.Skipped)
	if err := f.r.dispatch(stmt.Node); err != nil {
		return err
	}
	if len(f.r.schema.Skipped) == notes {
		return nil
	}
	reason := f.r.schema.Skipped[notes].Reason
	f.r.schema.Skipped = f.r.schema.Skipped[:notes]
	return errors.New(reason)
}

// executeDynamic runs EXECUTE.
func (f *frame) executeDynamic(n *plFields) error {
	text := f.eval(n.Query.text())
	if n.Into {
		f.setAll(names(n.Target), unknown)
	}
	if text.unknown {
		if changesBeyondRows(strings.TrimLeft(leadingText(n.Query.text()), " \t\r\n")) {
			f.undecided(n.Line, "the text of this EXECUTE depends on values that are not known before it runs")
		}
		return nil
	}
	if n.Into || !changesBeyondRows(text.text) {
		return nil
	}
	statements, broken := pgast.Parse(pgast.NewEmbedded("", text.text, func(int) origin { return f.script.position(n.Line) }))
	if len(broken) > 0 {
		return broken[0]
	}
	for _, stmt := range statements {
		if err := f.try(stmt); err != nil {
			return err
		}
	}
	return nil
}

// perform runs PERFORM and CALL, of which calls of functions matter.
func (f *frame) perform(n *plFields) error {
	if !f.r.callsWithEffect(n.Expr.text()) {
		return nil
	}
	stmt, err := f.script.dynamic(n.Expr.text(), n.Line)
	if err != nil {
		return err
	}
	e := &evaluator{r: f.r, frame: f}
	if call := stmt.Node.GetCallStmt(); call != nil {
		err = f.r.callProcedure(call.Funccall, e)
	} else if query := stmt.Node.GetSelectStmt(); query != nil {
		err = f.r.callsIn(query, e)
	}
	var undecided *undecidedError
	if errors.As(err, &undecided) {
		f.undecided(n.Line, undecided.reason)
		return nil
	}
	return err
}

// foreach runs FOREACH over an array.
func (f *frame) foreach(n *plFields) error {
	array := f.eval(n.Expr.text())
	if array.unknown || n.VarNo >= len(f.script.vars) {
		return f.unless(n.Body, n.Line, "the array it runs over is not known")
	}
	name := f.script.vars[n.VarNo].Name
	for _, v := range array.list {
		f.vars[name] = v
		if stop, err := loop(f.run(n.Body)); stop {
			return err
		}
	}
	return nil
}

// loop says what the end of a loop's body means: whether the loop stops, and with what.
func loop(err error) (bool, error) {
	switch {
	case err == nil || errors.Is(err, errContinue):
		return false, nil
	case errors.Is(err, errExit):
		return true, nil
	}
	return true, err
}

func (f *frame) forInteger(n *plFields) error {
	lower, err1 := f.eval(n.Lower.text()).integer()
	upper, err2 := f.eval(n.Upper.text()).integer()
	step := 1
	if text := n.Step.text(); text != "" {
		step, _ = f.eval(text).integer()
	}
	if err1 != nil || err2 != nil || step <= 0 {
		return f.unless(n.Body, n.Line, "the range it runs over is not known")
	}
	if n.Reverse {
		step = -step
	}
	variable := names(n.Var)
	for i := lower; step > 0 && i <= upper || step < 0 && i >= upper; i += step {
		f.setAll(variable, textValue(strconv.Itoa(i)))
		if stop, err := loop(f.run(n.Body)); stop {
			return err
		}
		if f.r.steps++; f.r.steps > maxSteps {
			return &undecidedError{code: "dynamic-sql", reason: "the body runs too long to be followed"}
		}
	}
	return nil
}

// forQuery runs FOR over the rows of a query that is answered from the schema.
func (f *frame) forQuery(n *plFields, query string) error {
	columns, rows, ok := f.rows(query)
	if !ok {
		f.setAll(names(n.Var), unknown)
		return f.unless(n.Body, n.Line, "the rows it runs over are not known")
	}
	for _, row := range rows {
		f.setRow(names(n.Var), columns, row)
		if stop, err := loop(f.run(n.Body)); stop {
			return err
		}
	}
	return nil
}

// while runs WHILE and LOOP as long as the conditions are known.
func (f *frame) while(n *plFields) error {
	if !f.r.hasEffect(n.Body) {
		return nil
	}
	for {
		if text := n.Cond.text(); text != "" {
			c := f.eval(text)
			if c.unknown {
				return f.unless(n.Body, n.Line, "its condition depends on data or settings")
			}
			if !c.isTrue() {
				return nil
			}
		}
		if stop, err := loop(f.run(n.Body)); stop {
			return err
		}
		if f.r.steps++; f.r.steps > maxSteps {
			return &undecidedError{code: "dynamic-sql", reason: "the body runs too long to be followed"}
		}
	}
}

// exit executes EXIT and CONTINUE.
func (f *frame) exit(n *plFields) error {
	if text := n.Cond.text(); text != "" {
		c := f.eval(text)
		if c.unknown {
			f.undecided(n.Line, "whether the loop ends here depends on data or settings")
			return errExit
		}
		if !c.isTrue() {
			return nil
		}
	}
	if n.IsExit {
		return errExit
	}
	return errContinue
}

// into assigns the first row of a query.
func (f *frame) into(target map[string]plDatum, query string) {
	columns, rows, ok := f.rows(query)
	variables := names(target)
	switch {
	case !ok:
		f.setAll(variables, unknown)
		f.vars["found"] = unknown
	case len(rows) == 0:
		f.setAll(variables, null)
		f.vars["found"] = boolValue(false)
	default:
		f.setRow(variables, columns, rows[0])
		f.vars["found"] = boolValue(true)
	}
}

func (f *frame) setAll(variables []string, v value) {
	for _, name := range variables {
		f.vars[name] = v
	}
}

// setRow assigns a row to variables, or to one record.
func (f *frame) setRow(variables, columns []string, row []value) {
	if len(variables) == 1 && (len(columns) > 1 || f.isRecord(variables[0])) {
		record := value{fields: map[string]value{}}
		for i, name := range columns {
			record.fields[name] = row[i]
		}
		f.vars[variables[0]] = record
		return
	}
	for i, name := range variables {
		if i < len(row) {
			f.vars[name] = row[i]
		} else {
			f.vars[name] = null
		}
	}
}

func (f *frame) isRecord(name string) bool {
	v := f.script.variable(name)
	return v.record || v.typeName() == "record" || strings.HasSuffix(v.typeName(), "%rowtype")
}
