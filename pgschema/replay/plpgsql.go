package replay

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// script is a PL/pgSQL body with its place in a file.
type script struct {
	stmt   *pgast.Statement // the DO or CREATE FUNCTION statement
	body   string
	offset int // of the body in the statement; -1 when it is not there verbatim
	lines  []int
	tree   plStatement // the outermost block
	vars   []plDatum
}

// newScript makes a script of a body that stands at an offset of a statement.
func (r *replayer) newScript(stmt *pgast.Statement, body string, offset int) *script {
	s := &script{stmt: stmt, body: body, offset: -1, lines: []int{0}}
	if text := stmt.Text(); offset >= 0 && strings.HasPrefix(text[min(offset, len(text)):], body) {
		s.offset = offset
	}
	for i := range body {
		if body[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// parse reads the body with PostgreSQL's own PL/pgSQL parser.
func (s *script) parse() error {
	text := s.stmt.Text()
	if s.stmt.Node.GetCreateFunctionStmt() == nil {
		tag := "$body$"
		for strings.Contains(s.body, tag) {
			tag = "$" + strings.Trim(tag, "$") + "_$"
		}
		text = "CREATE FUNCTION block() RETURNS void LANGUAGE plpgsql AS " + tag + s.body + tag
	}
	out, err := pgast.PlPgSQL(text)
	if err != nil {
		return err
	}
	var functions []struct {
		Function struct {
			Datums []map[string]plDatum
			Action plStatement
		} `json:"PLpgSQL_function"`
	}
	if err := json.Unmarshal([]byte(out), &functions); err != nil {
		return err
	}
	if len(functions) != 1 {
		return errors.New("not one function")
	}
	s.tree = functions[0].Function.Action
	for _, d := range functions[0].Function.Datums {
		for kind, datum := range d {
			datum.record = kind == "PLpgSQL_rec"
			s.vars = append(s.vars, datum)
		}
	}
	return nil
}

// plStatement is a statement of the parser's tree: its kind, such as "PLpgSQL_stmt_if", and fields.
type plStatement map[string]*plFields

// plFields are the fields of all kinds of statements.
type plFields struct {
	Line       int `json:"lineno"`
	Body       []plStatement
	Exceptions map[string]struct {
		List []map[string]struct {
			Conditions []map[string]struct{ Condname string }
			Action     []plStatement
		} `json:"exc_list"`
	}
	Cond     plExpr
	Then     []plStatement `json:"then_body"`
	Elsif    []plStatement `json:"elsif_list"`
	Else     []plStatement `json:"else_body"`
	Stmts    []plStatement
	Case     plExpr        `json:"t_expr"`
	CaseVar  int           `json:"t_varno"`
	Whens    []plStatement `json:"case_when_list"`
	ElseCase []plStatement `json:"else_stmts"`
	Var      map[string]plDatum
	VarNo    int `json:"varno"`
	Lower    plExpr
	Upper    plExpr
	Step     plExpr
	Reverse  bool
	Query    plExpr
	Expr     plExpr
	SQL      plExpr `json:"sqlstmt"`
	Into     bool
	Target   map[string]plDatum
	Params   []plExpr
	Level    int  `json:"elog_level"`
	IsExit   bool `json:"is_exit"`
	Label    string
}

// parts are the lists of statements inside a statement, but for its exception handlers.
func (n *plFields) parts() [][]plStatement {
	return [][]plStatement{n.Body, n.Then, n.Elsif, n.Else, n.Stmts, n.Whens, n.ElseCase}
}

// plDatum is a variable or a row of variables.
type plDatum struct {
	Name    string                              `json:"refname"`
	Type    map[string]struct{ Typname string } `json:"datatype"`
	Default plExpr                              `json:"default_val"`
	Fields  []struct{ Name string }
	record  bool
}

// typeName is the declared type.
func (d plDatum) typeName() string {
	return strings.ToLower(strings.TrimSpace(d.Type["PLpgSQL_type"].Typname))
}

// coerce gives a value the type of the variable, as far as that matters: an array is often written
// as a string.
func (d plDatum) coerce(v value) value {
	if strings.HasSuffix(d.typeName(), "[]") && !v.unknown && !v.null && !v.array {
		return arrayLiteral(v.text)
	}
	return v
}

// variable finds a variable by name; the zero datum when there is none.
func (s *script) variable(name string) plDatum {
	for _, v := range s.vars {
		if v.Name == name {
			return v
		}
	}
	return plDatum{}
}

// plExpr is an expression or query as text.
type plExpr map[string]struct{ Query string }

func (e plExpr) text() string { return e["PLpgSQL_expr"].Query }

// kind returns the kind of a statement and its fields.
func (s plStatement) kind() (string, *plFields) {
	for kind, fields := range s {
		if fields == nil {
			fields = &plFields{}
		}
		return strings.TrimPrefix(kind, "PLpgSQL_"), fields
	}
	return "", &plFields{}
}

// names are the variables that a target or loop assigns to.
func names(target map[string]plDatum) []string {
	for _, d := range target {
		if d.Name != "" && len(d.Fields) == 0 {
			return []string{d.Name}
		}
		var list []string
		for _, f := range d.Fields {
			list = append(list, f.Name)
		}
		return list
	}
	return nil
}

// find returns where a piece of the body stands, looking from a line on; -1 when it is not there.
func (s *script) find(piece string, line int) int {
	from := 0
	if line > 0 && line <= len(s.lines) {
		from = s.lines[line-1]
	}
	if i := strings.Index(s.body[from:], piece); i >= 0 {
		return from + i
	}
	return -1
}

// statement parses a static statement of the body; its positions are those of the file.
func (s *script) statement(text string, line int) (*pgast.Statement, error) {
	if at := s.find(text, line); at >= 0 && s.offset >= 0 {
		start := s.stmt.Start + s.offset + at
		stmt, err := pgast.ParseSpan(s.stmt.Source, start, start+len(text))
		if err != nil {
			return nil, err
		}
		return stmt, nil
	}
	return s.dynamic(text, line)
}

// dynamic parses a computed statement; its position is that of the line that executes it.
func (s *script) dynamic(text string, line int) (*pgast.Statement, error) {
	at := s.position(line)
	source := pgast.NewEmbedded(at.File, text, func(int) origin { return at })
	stmt, err := pgast.ParseSpan(source, 0, len(text))
	if err != nil {
		return nil, err
	}
	return stmt, nil
}

// position is the place of a line of the body.
func (s *script) position(line int) origin {
	if s.offset < 0 || line <= 0 || line > len(s.lines) {
		return s.stmt.Position(0)
	}
	start := s.lines[line-1]
	for start < len(s.body) && (s.body[start] == ' ' || s.body[start] == '\t') {
		start++
	}
	return s.stmt.Position(int32(s.offset + start))
}
