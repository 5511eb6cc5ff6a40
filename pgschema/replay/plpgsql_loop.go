package replay

import (
	"errors"
	"strconv"
)

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
