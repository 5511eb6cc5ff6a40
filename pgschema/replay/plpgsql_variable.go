package replay

import (
	"strings"
)

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
