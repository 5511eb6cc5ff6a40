package sqlflow

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// maxStates bounds the alternatives of one query builder.
const maxStates = 8

// Statement is a query as a builder has collected it: each clause as the alternatives of its text,
// nil for none.
type Statement struct {
	Verb string // "SELECT", "INSERT", "UPDATE", "DELETE"; empty for one that adds to Base
	// Base is the parameter (receiver included) whose builder the clauses add to, when Verb is empty.
	Base    int
	Columns []Template
	Table   []Template
	Joins   []Template
	Set     []Template
	Where   []Template // conditions joined by AND
	Values  []Template // VALUES or the SELECT of an INSERT
	Suffix  []Template
	Prefix  []Template

	base   *ssa.Parameter
	handle ssa.Value // the argument of RunWith
	row    ssa.Value // the argument of gorm's Model
	// associations are what a chain of gorm reads besides. Other packages are not told of them.
	associations []association
}

// onto returns the statement that results from adding the clauses of s to another one.
func (s Statement) onto(base Statement) Statement {
	out := base
	if out.handle == nil {
		out.handle = s.handle
	}
	if s.Table != nil {
		out.Table, out.row = s.Table, s.row
	}
	if s.Values != nil {
		out.Values = s.Values
	}
	out.associations = slices.Concat(base.associations, s.associations)
	out.Columns = commas(base.Columns, s.Columns)
	out.Set = commas(base.Set, s.Set)
	out.Joins = then(base.Joins, s.Joins)
	out.Suffix = then(base.Suffix, s.Suffix)
	out.Prefix = then(base.Prefix, s.Prefix)
	if base.Where != nil && s.Where != nil {
		out.Where = concat(base.Where, literal(" AND "), s.Where)
	} else if s.Where != nil {
		out.Where = s.Where
	}
	return out
}

// clauses are the clauses of the statement.
func (s *Statement) clauses() []*[]Template {
	return []*[]Template{&s.Columns, &s.Table, &s.Joins, &s.Set, &s.Where, &s.Values, &s.Suffix, &s.Prefix}
}

// mapped returns the statement with each clause as f makes it.
func (s Statement) mapped(f func([]Template) []Template) Statement {
	for _, clause := range s.clauses() {
		if *clause != nil {
			*clause = f(*clause)
		}
	}
	return s
}

// distinct drops repetitions. Beyond the bound the shortest statements are kept, with a hole for what
// the others add: conditions that a builder adds only narrow a statement.
func distinct(states []Statement) []Statement {
	type keyed struct {
		Statement
		key string
	}
	var all []keyed
	seen := map[string]bool{}
	for _, s := range states {
		key := s.key()
		if !seen[key] {
			seen[key] = true
			all = append(all, keyed{s, key})
		}
	}
	if len(all) > maxStates {
		slices.SortStableFunc(all, func(a, b keyed) int { return len(a.key) - len(b.key) })
		all = all[:maxStates]
		all[0].Suffix = then(all[0].Suffix, hole(codeBudget, nil))
	}
	out := make([]Statement, len(all))
	for i, s := range all {
		out[i] = s.Statement
	}
	return out
}

// key tells statements apart by their text.
func (s Statement) key() string {
	var b strings.Builder
	b.WriteString(s.Verb)
	for _, clause := range s.clauses() {
		for _, t := range *clause {
			b.WriteString(t.key() + "\x01")
		}
		b.WriteByte(2)
	}
	for _, a := range s.associations {
		fmt.Fprintf(&b, "%s %d\x02", a.name, a.call.Pos())
	}
	return b.String()
}

func commas(list, item []Template) []Template {
	if list == nil || item == nil {
		return append(list, item...)
	}
	return concat(list, literal(", "), item)
}

func then(a, b []Template) []Template {
	if a == nil {
		return b
	}
	return concat(a, b)
}

func and(a, b []Template) []Template {
	b = concat(literal("("), b, literal(")"))
	if a == nil {
		return b
	}
	return concat(a, literal(" AND "), b)
}

func (s Statement) render() []Template {
	sets := [][]Template{}
	add := func(parts ...[]Template) {
		for _, p := range parts {
			if p != nil {
				sets = append(sets, p)
			}
		}
	}
	orUnknown := func(t []Template) []Template {
		if t == nil {
			return hole(codeValue, nil)
		}
		return t
	}
	add(s.Prefix)
	switch s.Verb {
	case "SELECT":
		add(literal("SELECT "), orUnknown(s.Columns))
		if s.Table != nil {
			add(literal(" FROM "), s.Table)
		}
		add(s.Joins)
	case "INSERT":
		add(literal("INSERT INTO "), orUnknown(s.Table))
		if s.Columns != nil {
			add(literal(" ("), s.Columns, literal(")"))
		}
		add(orUnknown(s.Values))
	case "UPDATE":
		add(literal("UPDATE "), orUnknown(s.Table), literal(" SET "), orUnknown(s.Set))
		if s.Joins != nil {
			add(literal(" "), s.Joins)
		}
	case "DELETE":
		add(literal("DELETE FROM "), orUnknown(s.Table), s.Joins)
	}
	if s.Where != nil {
		add(literal(" WHERE "), s.Where)
	}
	add(s.Suffix)
	return concat(sets...)
}
