package setscope

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
)

// action is what a statement does to the settings of a session or to its transaction.
type action int

const (
	other action = iota
	set
	reset
	begin
)

// lifetime is how long a SET holds.
type lifetime int

const (
	// session holds until the connection is closed, also over COMMIT.
	session lifetime = iota
	// local holds until the end of the transaction.
	local
	// dynamic is decided by a bound value.
	dynamic
)

// Names of settings with statements of their own.
const (
	role          = "role"
	authorization = "session_authorization"
	searchPath    = "search_path"
	everything    = "" // RESET ALL, DISCARD ALL
)

// command is one statement as far as it concerns settings and transactions.
type command struct {
	action   action
	lifetime lifetime
	// setting is the name in lower case. With nameHoles it is not known.
	setting   string
	nameHoles []*sqlflow.Hole
	// holes are the parts of the value that are pasted into the text.
	holes []*sqlflow.Hole
	// bound says that the value is a bind parameter, constant that it stands in the text.
	bound, constant bool
	// function says that set_config is called, which takes bind parameters.
	function bool
	// within says that the statement also does something else: set_config in a query holds at
	// least as long as the query runs.
	within bool
	// tables are the names behind FROM, JOIN, INTO, UPDATE and the like.
	tables []string
}

// arguments gives the constant behind a bind parameter, counting from 1.
type arguments func(n int) (value string, known bool)

// commandsOf reads the statements of a text in order.
func commandsOf(t sqlflow.Template, bound arguments) []command {
	var commands []command
	r := &reader{bound: bound}
	tokens := tokensOf(t)
	for len(tokens) > 0 {
		i := slices.IndexFunc(tokens, func(t lexeme) bool { return t.is(";") })
		statement := tokens
		if i >= 0 {
			statement, tokens = tokens[:i], tokens[i+1:]
		} else {
			tokens = nil
		}
		if len(statement) > 0 {
			commands = append(commands, r.statement(statement)...)
		}
	}
	return commands
}

// reader reads the commands of one text.
type reader struct {
	bound arguments
	marks int // the question marks met so far
}

func (r *reader) statement(tokens []lexeme) []command {
	rest := tokens[1:]
	switch {
	case tokens[0].is("set"):
		return one(r.set(rest))
	case tokens[0].is("reset"):
		return one(resetOf(rest))
	case tokens[0].is("discard"):
		return one(command{action: reset, setting: everything})
	case tokens[0].is("begin"), tokens[0].is("start"):
		return one(command{action: begin})
	}
	return r.query(tokens)
}

func one(c command) []command { return []command{c} }

// set reads SET behind its first word (PostgreSQL manual, SET, SET ROLE, SET SESSION AUTHORIZATION).
func (r *reader) set(tokens []lexeme) command {
	c := command{action: set}
	for len(tokens) > 0 && (tokens[0].is("local") || tokens[0].is("session") && !startsWith(tokens[1:], "authorization")) {
		if tokens[0].is("local") {
			c.lifetime = local
		}
		tokens = tokens[1:]
	}
	switch {
	case startsWith(tokens, "session", "authorization"):
		c.setting, tokens = authorization, tokens[2:]
	case startsWith(tokens, "role"):
		c.setting, tokens = role, tokens[1:]
	case startsWith(tokens, "schema"):
		c.setting, tokens = searchPath, tokens[1:]
	case len(tokens) < 2 || tokens[0].kind != word || !tokens[1].is("=") && !tokens[1].is("to"):
		return command{} // SET TRANSACTION, SET CONSTRAINTS, SET TIME ZONE
	default:
		c.setting, c.nameHoles, tokens = tokens[0].text, tokens[0].holes, tokens[1:]
	}
	if startsWith(tokens, "=") || startsWith(tokens, "to") {
		tokens = tokens[1:]
	}
	r.value(&c, tokens)
	return c
}

// value reads the value of a SET. Giving back the default counts as RESET.
func (r *reader) value(c *command, tokens []lexeme) {
	c.constant = true
	for _, t := range tokens {
		c.holes = append(c.holes, t.holes...)
		if t.kind == parameter {
			c.bound = true
		}
		if t.kind == parameter || len(t.holes) > 0 {
			c.constant = false
		}
	}
	if len(tokens) == 1 && c.constant {
		v := tokens[0]
		if v.is("default") || v.kind == text && v.text == "" || c.setting == role && v.is("none") {
			c.action = reset
		}
	}
}

func resetOf(tokens []lexeme) command {
	switch {
	case startsWith(tokens, "all"), len(tokens) == 0:
		return command{action: reset, setting: everything}
	case startsWith(tokens, "session", "authorization"):
		return command{action: reset, setting: authorization}
	}
	return command{action: reset, setting: tokens[0].text, nameHoles: tokens[0].holes}
}

// query reads any other statement: its calls of set_config and the tables it names.
func (r *reader) query(tokens []lexeme) []command {
	rest := command{}
	var commands []command
	for i, t := range tokens {
		switch {
		case t.is("set_config") || t.is("pg_catalog.set_config"):
			if startsWith(tokens[i+1:], "(") {
				commands = append(commands, r.setConfig(split(tokens[i+2:])))
			}
		case t.kind == word && len(t.holes) == 0 && i > 0 && introducesTable(tokens, i):
			rest.tables = append(rest.tables, t.text)
		}
	}
	if len(rest.tables) > 0 || len(commands) == 0 {
		for i := range commands {
			commands[i].within = true
		}
		commands = append(commands, rest)
	}
	return commands
}

// introducesTable reports whether the token at i stands where the name of a table does.
func introducesTable(tokens []lexeme, i int) bool {
	before := tokens[i-1]
	if before.is("only") && i > 1 {
		before = tokens[i-2]
	}
	switch {
	case tokens[i].is("only"), tokens[i].is("lateral"), tokens[i].is("select"):
		return false
	case before.is("update"):
		return i == 1 || !tokens[i-2].is("for") // SELECT … FOR UPDATE OF t
	}
	return before.is("from") || before.is("join") || before.is("into") || before.is("table") || before.is("truncate") ||
		before.is("copy") || before.is("using")
}

// split cuts the arguments of a call apart, up to its closing parenthesis.
func split(tokens []lexeme) [][]lexeme {
	args := [][]lexeme{nil}
	depth := 0
	for _, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				return args
			}
		case t.is(",") && depth == 0:
			args = append(args, nil)
			continue
		}
		args[len(args)-1] = append(args[len(args)-1], t)
	}
	return args
}

// setConfig reads set_config(name, value, is_local) (PostgreSQL manual, 9.28.1).
func (r *reader) setConfig(args [][]lexeme) command {
	c := command{action: set, function: true, lifetime: dynamic}
	for len(args) < 3 {
		args = append(args, nil)
	}
	name, known, holes := r.constant(args[0])
	c.setting, c.nameHoles = strings.ToLower(name), holes
	if !known && holes == nil {
		c.nameHoles = []*sqlflow.Hole{} // a bound name
	}
	value, isConstant, holes := r.constant(args[1])
	c.holes, c.constant = holes, isConstant
	c.bound = slices.ContainsFunc(args[1], func(t lexeme) bool { return t.kind == parameter })
	if isConstant && (value == "" || len(args[1]) == 1 && args[1][0].is("null")) {
		c.action = reset
	}
	if flag, known, _ := r.constant(args[2]); known {
		switch strings.ToLower(flag) {
		case "true", "t", "on", "yes", "1":
			c.lifetime = local
		case "false", "f", "off", "no", "0":
			c.lifetime = session
		}
	}
	return c
}

// constant returns what an argument is when it stands in the text or is bound to a constant, and
// the holes in it. Casts are looked through.
func (r *reader) constant(arg []lexeme) (value string, known bool, holes []*sqlflow.Hole) {
	for i, t := range arg {
		holes = append(holes, t.holes...)
		if t.kind == parameter && t.text == "?" {
			r.marks++
		}
		if i > 0 {
			continue
		}
		switch t.kind {
		case text, number:
			value, known = t.text, len(t.holes) == 0
		case word: // anything else is a column
			value, known = t.text, t.is("true") || t.is("false") || t.is("null") || t.is("on") || t.is("off")
		case parameter:
			n := r.marks
			if t.text != "?" {
				n, _ = strconv.Atoi(strings.TrimPrefix(t.text, "$"))
			}
			if r.bound != nil && n > 0 {
				value, known = r.bound(n)
			}
		}
	}
	if len(arg) > 1 && !arg[1].is("::") {
		known = false
	}
	return value, known, holes
}

func startsWith(tokens []lexeme, keywords ...string) bool {
	if len(tokens) < len(keywords) {
		return false
	}
	for i, k := range keywords {
		if !tokens[i].is(k) {
			return false
		}
	}
	return true
}
