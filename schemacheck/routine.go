package schemacheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// routine is the body of a function as statements in which $n stand for its names.
type routine struct {
	statements []*pgast.Statement
	// names are what $1, $2, … stand for: the arguments, then variables and fields of NEW and OLD.
	names []string
	// arguments is the number of names that the caller gives values to.
	arguments int
	// returns are the expressions that the body may return, queries those of RETURN QUERY.
	returns, queries []*pgast.Node
	// outcome is what a PL/pgSQL body that only decides and returns gives, nil for any other.
	outcome *pgast.Node
	// catches says that the body handles exceptions; changed reports whether it sets an argument.
	catches bool
	changed func(argument int) bool
	// datums are the names of PL/pgSQL's variables by their numbers.
	datums []string
	// assigned are the fields of NEW that the body sets to what the session is, on every path.
	assigned []string
	// skips says that what was read so far may leave out the statements behind it, and stores the row all the same.
	skips bool
	// leaves says that the body raises or returns under a condition; guarded that it also looks at the
	// session, or calls a function that is guarded.
	leaves, guarded bool
	// opaque is why the body cannot be read, or "".
	opaque string
	// injected is the argument whose text the body runs as SQL, or "", and before the text that it comes behind.
	injected, before string
	// session reports whether an expression is made of what the session is.
	session func(*pgast.Node) bool
	// constants are variables that only ever hold what the session is, or one value of one query.
	constants map[string]*pgast.Node
	// argumentsByName leaves the names of arguments as they are.
	argumentsByName bool
	trigger         bool
	function        *pgschema.Function
	// by is the function that the body is of, where function calls it.
	by *pgschema.Function
}

// routine reads the body of a function once.
func (p *pass) routine(f *pgschema.Function) *routine {
	r, ok := p.routines[f]
	if !ok {
		r = &routine{function: f, names: slices.Clone(f.ArgNames), trigger: f.Returns == "trigger",
			session: p.isSessionValue, constants: map[string]*pgast.Node{}}
		for len(r.names) < len(f.Args) {
			r.names = append(r.names, "")
		}
		r.arguments = len(r.names)
		p.routines[f] = r
		r.read()
		r.guarded = p.isGuarded(r)
	}
	return r
}

// mentions reports whether the body of a function may hold a word. One that does not need not be read, which
// takes far longer.
func mentions(f *pgschema.Function, word string) bool {
	return len(f.BodyNodes) > 0 || strings.Contains(strings.ToLower(f.Body), strings.ToLower(word))
}

// mentionsTenant reports whether the body of a function may hold the name of a tenant column.
func (p *pass) mentionsTenant(f *pgschema.Function) bool {
	body := tenancy.Fold(f.Body)
	return len(f.BodyNodes) > 0 || slices.ContainsFunc(p.model.Columns, func(c string) bool { return strings.Contains(body, tenancy.Fold(c)) })
}

func (r *routine) read() {
	f := r.function
	switch {
	case len(f.BodyNodes) > 0:
		for _, body := range f.BodyNodes {
			stmt := statement(body)
			if ret := stmt.Node.GetReturnStmt(); ret != nil {
				stmt.Node = selectExpr(ret.GetReturnval())
			}
			r.add(stmt)
		}
	case f.Language == "sql":
		source := pgast.NewEmbedded(f.BodyOrigin.File, f.Body, func(offset int) finding.Position {
			return r.line(1 + strings.Count(f.Body[:offset], "\n"))
		})
		statements, broken := pgast.Parse(source)
		if len(broken) > 0 {
			r.opaque = broken[0].Message
		}
		for _, stmt := range statements {
			r.add(stmt)
		}
	case f.Language == "plpgsql":
		r.readPlPgSQL()
	case f.Language != "c" && f.Language != "internal":
		r.opaque = "its language is " + f.Language
	}
}

// line returns the position of a line of the body, which count from 1.
func (r *routine) line(n int) finding.Position {
	at := r.function.BodyOrigin
	if n > 1 {
		at.Line, at.Column = at.Line+n-1, 1
	}
	return at
}

// add keeps a statement after putting $n in the place of the function's names.
func (r *routine) add(stmt *pgast.Statement) {
	stmt.Node = r.substitute(stmt.Node)
	r.statements = append(r.statements, stmt)
}

// substitute returns a copy of a tree with $n in the place of the function's names.
func (r *routine) substitute(node *pgast.Node) *pgast.Node {
	node = pgast.Clone(node)
	pgast.Rewrite(node, func(n *pgast.Node) bool {
		ref := n.GetColumnRef()
		if ref == nil {
			return true
		}
		if value := r.value(ref); value != nil {
			n.Node = value.Node
		}
		return false
	})
	return node
}

// value returns what a column reference stands for when it names a parameter, a variable, or a field
// of one; a name alone may also be a column, which PL/pgSQL refuses as ambiguous.
func (r *routine) value(ref *pgast.ColumnRef) *pgast.Node {
	var parts []string
	for _, field := range ref.Fields {
		if field.GetString_() == nil {
			return nil
		}
		parts = append(parts, field.GetString_().GetSval())
	}
	qualified := len(parts) == 2 && parts[0] == r.function.Name.Name
	if qualified {
		parts = parts[1:]
	}
	if node := r.constants[parts[0]]; node != nil && len(parts) == 1 {
		return node
	}
	i := slices.Index(r.names, parts[0])
	switch {
	case r.trigger && len(parts) == 2 && (parts[0] == "new" || parts[0] == "old"):
		name := strings.Join(parts, ".")
		if i = slices.Index(r.names, name); i < 0 {
			r.names = append(r.names, name)
			i = len(r.names) - 1
		}
	case i < 0 || parts[0] == "":
		return nil
	case r.argumentsByName && i < r.arguments && !qualified:
		return &pgast.Node{Node: &pgast.Node_ColumnRef{ColumnRef: &pgast.ColumnRef{Fields: []*pgast.Node{text(parts[0])}}}}
	}
	return &pgast.Node{Node: &pgast.Node_ParamRef{ParamRef: &pgast.ParamRef{Number: int32(i + 1)}}}
}

// name returns what the n of "$n" stands for, and whether the caller chooses its value.
func (r *routine) name(parameter string) (string, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(parameter, "$"))
	if err != nil || n < 1 || n > len(r.names) {
		return parameter, true
	}
	return r.names[n-1], n <= r.arguments
}
