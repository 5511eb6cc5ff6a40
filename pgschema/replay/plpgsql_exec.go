package replay

import (
	"errors"
	"fmt"
	"slices"
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
type raisedError struct {
	line int
	at   origin // empty until the body it stands in is left
}

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
		if raised.at == (origin{}) {
			raised.at = s.position(raised.line)
		}
		if r.running > 0 {
			return err // the block that calls this one may handle it
		}
		r.schema.Skipped = append(r.schema.Skipped, finding.Skipped{
			Position: raised.at, What: "RAISE", Reason: "the migration ends with an exception at this point",
		})
		return nil
	}
	return err
}

// savepoint returns what undoes the statements that follow. A list of which only one can change the
// schema has nothing to undo when that fails, unless something else raises an error.
func (f *frame) savepoint(list []plStatement) (undo func()) {
	if n := f.r.effects(list); n == 0 || n == 1 && !raises(list) {
		return func() {}
	}
	state := f.r.snapshot()
	return func() {
		if state != nil {
			f.r.restore(state)
		}
	}
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
		if n.Level >= levelError {
			return &raisedError{line: n.Line}
		}
	case "stmt_assert":
		if c := f.eval(n.Cond.text()); !c.unknown && !c.isTrue() {
			return &raisedError{line: n.Line}
		}
	case "stmt_return_next", "stmt_return_query", "stmt_getdiag", "stmt_open", "stmt_fetch", "stmt_close":
	case "stmt_commit", "stmt_rollback":
		f.undecided(n.Line, "the body changes the schema and ends a transaction here, so that it is not known what an error or ROLLBACK undoes")
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
