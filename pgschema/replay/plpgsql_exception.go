package replay

import (
	"errors"
	"slices"
	"strings"
)

// levelError is the level of RAISE EXCEPTION (elog.h).
const levelError = 21

// block executes BEGIN … END; a handler takes the errors of its block.
func (f *frame) block(n *plFields) error {
	if len(n.Exceptions) == 0 {
		return f.run(n.Body)
	}
	if line := f.undoneByRows(n.Body, false); line > 0 && n.takesRowErrors() {
		f.undecided(line, "if this statement fails on the rows there are, the exception handler undoes the change of the schema before it")
	}
	undo := f.savepoint(n.Body)
	err := f.run(n.Body)
	var undecided *undecidedError
	if err == nil || errors.Is(err, errReturn) || errors.Is(err, errExit) || errors.Is(err, errContinue) || errors.As(err, &undecided) {
		return err
	}
	undo()
	var raised *raisedError
	if action, ok := n.handler(errors.As(err, &raised)); ok {
		return f.run(action)
	}
	return err
}

// handler returns what the first handler does; that of a raised error is the one that names such an error or all,
// where there is one.
func (n *plFields) handler(raised bool) (action []plStatement, ok bool) {
	n.handlers(func(conditions []string, statements []plStatement) {
		fits := raised && (slices.Contains(conditions, "others") || slices.Contains(conditions, "raise_exception"))
		if !ok || fits {
			action, ok = statements, true
		}
		raised = raised && !fits
	})
	return action, ok
}

// handlers visits the exception handlers of a block in their order.
func (n *plFields) handlers(visit func(conditions []string, action []plStatement)) {
	for _, e := range n.Exceptions {
		for _, exceptions := range e.List {
			for _, x := range exceptions {
				var conditions []string
				for _, c := range x.Conditions {
					for _, condition := range c {
						conditions = append(conditions, strings.ToLower(condition.Condname))
					}
				}
				visit(conditions, x.Action)
			}
		}
	}
}

// takesRowErrors reports whether a block handles errors that rows can cause, not only those of a change of the
// schema that was made before or cannot be.
func (n *plFields) takesRowErrors() bool {
	found := false
	n.handlers(func(conditions []string, _ []plStatement) {
		found = found || slices.ContainsFunc(conditions, func(c string) bool {
			return !strings.HasPrefix(c, "duplicate_") && !strings.HasPrefix(c, "undefined_") && !strings.HasPrefix(c, "invalid_")
		})
	})
	return found
}

// undoneByRows returns the line of the first statement behind a change of the schema that may fail on rows, 0 when there
// is none. It is told whether the schema was changed before.
func (f *frame) undoneByRows(body []plStatement, changed bool) int {
	for _, s := range body {
		kind, n := s.kind()
		effect := f.r.hasEffect([]plStatement{s})
		switch kind {
		case "stmt_execsql", "stmt_perform", "stmt_dynexecute", "stmt_call", "stmt_assign":
			if changed && !effect {
				return n.Line
			}
		case "stmt_assert", "stmt_if":
			if changed && f.eval(n.Cond.text()).unknown {
				return n.Line
			}
		}
		inside := changed || effect && slices.Contains([]string{"stmt_foreach_a", "stmt_fori", "stmt_fors", "stmt_while", "stmt_loop"}, kind)
		for _, part := range n.parts() {
			if line := f.undoneByRows(part, inside); line > 0 && !n.takesRowErrors() {
				return line
			}
		}
		changed = changed || effect
	}
	return 0
}

// raises reports whether statements raise errors of their own.
func raises(list []plStatement) bool {
	return slices.ContainsFunc(list, func(s plStatement) bool {
		kind, n := s.kind()
		return kind == "stmt_raise" && n.Level >= levelError || kind == "stmt_assert" || slices.ContainsFunc(n.parts(), raises)
	})
}
