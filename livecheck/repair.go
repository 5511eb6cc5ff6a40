package livecheck

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// highestParameter returns n of the highest $n in a statement.
func highestParameter(text string) int {
	highest := 0
	for l := range pgast.Lexemes(text) {
		if l.Kind == '$' {
			if n, err := strconv.Atoi(text[l.Start+1 : l.End]); err == nil && n <= 65535 {
				highest = max(highest, n)
			}
		}
	}
	return highest
}

// typedLiterals are the types whose literals are written as TYPE 'text': pg_stat_statements makes
// TYPE $n of them, which does not parse.
var typedLiterals = []string{"interval", "date", "time", "timestamp", "timestamptz", "timetz", "point", "box", "inet", "uuid", "jsonb", "json", "bytea", "numeric", "bit"}

// modifiedTypes are those whose literals may have a length or precision, as in varchar(10) 'text'.
var modifiedTypes = []string{"varchar", "char", "numeric", "timestamp", "timestamptz", "time", "interval", "bit"}

// intervalFields may follow an interval literal.
var intervalFields = []string{"year", "month", "day", "hour", "minute", "second"}

// unnormalize makes text that parses of text that pg_stat_statements normalized: TYPE $n becomes a
// cast, and the field of extract a field.
func unnormalize(text string) string {
	lexemes := slices.Collect(pgast.Lexemes(text))
	var b strings.Builder
	done := 0
	word := func(i int) string {
		if i < 0 || i >= len(lexemes) || lexemes[i].Kind != 'w' {
			return ""
		}
		return lexemes[i].Word
	}
	kind := func(i int) byte {
		if i < 0 || i >= len(lexemes) {
			return 0
		}
		return lexemes[i].Kind
	}
	for i, l := range lexemes {
		if l.Kind != '$' {
			continue
		}
		if kind(i-1) == '(' && word(i-2) == "extract" && word(i+1) == "from" {
			b.WriteString(text[done:l.Start] + "epoch")
			done = l.End
			continue
		}
		first := i - 1
		switch {
		case slices.Contains(typedLiterals, word(first)):
		case word(first) == "zone" && word(i-2) == "time" && (word(i-4) == "timestamp" || word(i-4) == "time"):
			first = i - 4 // with or without time zone
		case kind(first) == ')':
			for first--; kind(first) >= '0' && kind(first) <= '9' || kind(first) == ','; {
				first--
			}
			if first--; kind(first+1) != '(' || !slices.Contains(modifiedTypes, word(first)) {
				continue
			}
		default:
			continue
		}
		if kind(first-1) == ':' || word(first-1) == "as" || lexemes[first].Start < done {
			continue
		}
		end, typ := l.End, text[lexemes[first].Start:lexemes[i-1].End]
		if word(first) == "interval" && slices.Contains(intervalFields, word(i+1)) {
			typ, end = typ+" "+word(i+1), lexemes[i+1].End
		}
		b.WriteString(text[done:lexemes[first].Start] + "CAST(" + text[l.Start:l.End] + " AS " + typ + ")")
		done = end
	}
	return b.String() + text[done:]
}

// statementOf parses a text of pg_stat_statements, out of what it may be wrapped in: PREPARE, DECLARE
// CURSOR, COPY (query) TO, CREATE TABLE AS. It returns nil for a statement that has no plan, and the
// reason when that means a gap.
func statementOf(text string) (*pgast.Statement, string) {
	for _, candidate := range []string{unnormalize(text), text} {
		statements, broken := sqlcheck.Prepare("", sqlcheck.Text(candidate), nil)
		if len(broken) > 0 || len(statements) != 1 {
			continue
		}
		return unwrap(statements[0])
	}
	return nil, "the normalized text does not parse"
}

func unwrap(s *pgast.Statement) (*pgast.Statement, string) {
	var inner *pgast.Node
	switch n := s.Node.GetNode().(type) {
	case *pgast.Node_SelectStmt, *pgast.Node_InsertStmt, *pgast.Node_UpdateStmt, *pgast.Node_DeleteStmt, *pgast.Node_MergeStmt:
		return s, ""
	case *pgast.Node_PrepareStmt:
		inner = n.PrepareStmt.GetQuery()
	case *pgast.Node_DeclareCursorStmt:
		inner = n.DeclareCursorStmt.GetQuery()
	case *pgast.Node_CopyStmt:
		inner = n.CopyStmt.GetQuery()
	case *pgast.Node_CreateTableAsStmt:
		inner = n.CreateTableAsStmt.GetQuery()
	}
	if inner == nil {
		return nil, ""
	}
	text, err := pgast.Deparse(inner)
	if err != nil {
		return nil, "the statement inside cannot be written by itself"
	}
	return statementOf(text)
}

// maxPlans bounds the attempts at one text: each error is a line in the server's log.
const maxPlans = 60

// candidateTypes are tried for a constant whose type the normalized text has lost. They only have to
// make the text parse.
var candidateTypes = []string{"bigint", "timestamptz", "interval", "numeric", "text", "uuid", "date", "boolean", "bigint[]", "text[]"}

// planned is a statement with its plan: the text as it was planned, with the types of its parameters.
type planned struct {
	plan  *node
	text  string
	types parameterTypes
}

// plan explains a statement; where its constants have lost their types, with types that fit.
func (p *planner) plan(ctx context.Context, text string) (*planned, error) {
	s := &search{planner: p, types: parameterTypes{}, left: maxPlans}
	plan, text, err := s.try(ctx, text, 3)
	return &planned{plan, text, s.types}, err
}

// search is the attempt to plan one text.
type search struct {
	planner  *planner
	types    parameterTypes
	left     int
	restored bool // the literals were put back
}

func (s *search) try(ctx context.Context, text string, depth int) (*node, string, error) {
	s.left--
	plan, err := s.planner.explain(ctx, text, s.types)
	var refused *pgconn.PgError
	if err == nil || !errors.As(err, &refused) || s.left <= 0 {
		return plan, text, err
	}
	switch refused.Code {
	case "42P18": // could not determine data type of parameter $n
		if n := parameterIn(refused.Message); n > 0 && s.types[n] == "" {
			s.types[n] = "text"
			return s.try(ctx, text, depth)
		}
	case "42803", "42P10": // not in GROUP BY, DISTINCT or ORDER BY: an expression that was written twice
		if !s.restored {
			s.restored = true
			return s.try(ctx, restoreLiterals(text), depth)
		}
	case "42883", "42725", "42804", "42P08": // no such operator, ambiguous, wrong type
		if depth == 0 {
			return nil, text, err
		}
		return s.cast(ctx, text, depth, refused)
	}
	return nil, text, err
}

// cast tries types for the parameters near an error: first each cast by itself, then a second cast
// beside those that led to another error.
func (s *search) cast(ctx context.Context, text string, depth int, refused *pgconn.PgError) (*node, string, error) {
	var others []string
	for _, at := range nearestParameters(text, int(refused.Position)) {
		for _, name := range candidateTypes {
			if s.left <= 0 {
				return nil, text, refused
			}
			s.left--
			attempt := fmt.Sprintf("%sCAST(%s AS %s)%s", text[:at.Start], text[at.Start:at.End], name, text[at.End:])
			plan, err := s.planner.explain(ctx, attempt, s.types)
			if err == nil {
				return plan, attempt, nil
			}
			var next *pgconn.PgError
			if !errors.As(err, &next) {
				return nil, text, err
			}
			if next.Message != refused.Message {
				others = append(others, attempt)
			}
		}
	}
	for _, attempt := range others {
		if plan, planned, err := s.try(ctx, attempt, depth-1); err == nil {
			return plan, planned, nil
		}
	}
	return nil, text, refused
}

var parameterNumber = regexp.MustCompile(`\$(\d+)`)

func parameterIn(message string) int {
	m := parameterNumber.FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// nearestParameters returns the three parameters nearest to an error's position, which counts
// characters from 1, without those that have a cast.
func nearestParameters(text string, position int) []pgast.Lexeme {
	var free []pgast.Lexeme
	before := pgast.Lexeme{}
	for l := range pgast.Lexemes(text) {
		cast := before.Kind == '(' && before.Start >= 4 && strings.EqualFold(text[before.Start-4:before.Start], "CAST")
		if l.Kind == '$' && !cast && !strings.HasPrefix(text[l.End:], "::") {
			free = append(free, l)
		}
		before = l
	}
	at := len(text)
	for i := range text {
		if position--; position <= 0 {
			at = i
			break
		}
	}
	distance := func(l pgast.Lexeme) int { return max(l.Start-at, at-l.Start) }
	slices.SortStableFunc(free, func(a, b pgast.Lexeme) int { return distance(a) - distance(b) })
	return free[:min(len(free), 3)]
}
