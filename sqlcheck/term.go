package sqlcheck

import (
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// term stands for a value: a column of a relation instance, a value from outside the database, or an
// expression that nothing is known of. Equal values in a row have their terms in one class.
type term int32

// noTerm is the term of nothing.
const noTerm term = 0

type termInfo struct {
	// inst and column are set for a column.
	inst   *instance
	column string
	// expression is set for an expression of which only the columns are known.
	expression operand
	// source is set for a value from outside, text is how it is written.
	source Source
	text   string
	// list says that the value is any of several, as in = ANY($1).
	list bool
	// session says that the value follows from the session: a custom setting or its user.
	session bool
	// told says that a parameter is, or is part of, the value.
	told bool
	// null is the constant NULL.
	null bool
	// constant says that text is the value itself, so two different texts are two values.
	constant bool
}

// followsSession reports whether a value from outside is made of what the session is, and of nothing that somebody tells.
func (t *termInfo) followsSession() bool { return (t.source == Setting || t.session) && !t.told }

// instance is one occurrence of a relation in a statement: each row of the query level it stands in
// has one row of it, or a row of NULLs where an outer join found none.
type instance struct {
	// alias is the name by which columns are qualified; schema is set for a table without alias.
	alias, schema string
	// rel and table are nil for anything but a stored table.
	rel   *pgschema.Relation
	table *classify.Table
	// home is the context the instance was introduced in.
	home *context
	// columns are those of a derived table, or the renamed ones of a table, in order.
	columns []outColumn
	// open says that the columns are not all known, returned which function's result the unknown ones are part of.
	open     bool
	returned string
	terms    map[string]term
	// fixed marks a copy of rows that are fixed where they come from (see fixation).
	fixed bool
	// proposed marks a row that is not in the table (yet), such as excluded: to agree with a stored row
	// in a key does not make it that row.
	proposed bool
}

// outColumn is a column of a query's result.
type outColumn struct {
	name string
	binding
}

// binding is what a name stands for: a term, or an expression in the scope it was written in.
type binding struct {
	term term
	operand
}

func (e *engine) newTerm(info termInfo) term {
	e.terms = append(e.terms, info)
	return term(len(e.terms) - 1)
}

func (e *engine) info(t term) *termInfo { return &e.terms[t] }

// column returns the term of a column of an instance.
func (e *engine) column(i *instance, name string) term {
	if t, ok := i.terms[name]; ok {
		return t
	}
	t := e.newTerm(termInfo{inst: i, column: name})
	if i.terms == nil {
		i.terms = map[string]term{}
	}
	i.terms[name] = t
	return t
}

// outside returns the term of a value that does not come from a table.
func (e *engine) outside(v termInfo) term {
	key := v.text
	if v.list {
		key += "\x00list"
	}
	if v.constant {
		key += "\x00const"
	}
	if t, ok := e.externals[key]; ok {
		return t
	}
	t := e.newTerm(v)
	e.externals[key] = t
	return t
}

// copy makes another instance of the same relation.
func (i *instance) copy(home *context) *instance {
	return &instance{alias: i.alias, rel: i.rel, table: i.table, home: home, open: i.open, returned: i.returned, fixed: i.fixed, proposed: i.proposed}
}

func (e *engine) isOutside(t term) bool { return e.info(t).source != NoSource }

// find returns what a column name of the instance stands for.
func (e *engine) find(i *instance, name string) (binding, bool) {
	for k := range i.columns {
		if i.columns[k].name == name {
			return i.columns[k].binding, true
		}
	}
	if i.columns == nil && i.rel != nil && i.rel.Column(name) != nil || i.open {
		return binding{term: e.column(i, name)}, true
	}
	return binding{}, false
}

// names returns the columns of the instance in order.
func (i *instance) names() []string {
	var names []string
	if i.columns != nil || i.rel == nil {
		for _, c := range i.columns {
			names = append(names, c.name)
		}
		return names
	}
	for _, c := range i.rel.Columns {
		names = append(names, c.Name)
	}
	return names
}

// tenantTerm returns the term that holds the tenant of the instance's row, or noTerm where the table
// has no such column.
func (e *engine) tenantTerm(i *instance) term {
	if i.table == nil || i.table.Column == "" {
		return noTerm
	}
	return e.column(i, i.table.Column)
}
