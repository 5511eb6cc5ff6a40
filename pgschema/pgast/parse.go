package pgast

import (
	"errors"
	"fmt"
	"unicode/utf8"

	pg_query "github.com/pganalyze/pg_query_go/v5"
	"github.com/pganalyze/pg_query_go/v5/parser"

	"github.com/tenantvet/tenantvet/finding"
)

// Statement is one statement of a source.
type Statement struct {
	// Node is the statement itself (not the RawStmt around it).
	Node   *Node
	Source *Source
	// Start and End are the offsets of the statement in its source, without the comments before
	// it and the semicolon behind it. Locations in Node count from Start.
	Start, End int
}

// Text is the statement as written.
func (s *Statement) Text() string { return s.Source.Text[s.Start:s.End] }

// Position returns where a node location of this statement is; -1, which the parser writes where
// it does not know, gives the start of the statement.
func (s *Statement) Position(location int32) finding.Position {
	return s.Source.Position(s.Start + max(0, int(location)))
}

// Error is SQL text that does not parse.
type Error struct {
	finding.Position
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Position, e.Message) }

// Parse splits the source and parses each statement by itself, so that one that is broken does not
// hide the others. Both results are in order of the text.
func Parse(source *Source) ([]*Statement, []*Error) {
	var statements []*Statement
	var broken []*Error
	for _, span := range split(source.Text) {
		node, err := parseOne(source, span)
		switch {
		case err != nil:
			broken = append(broken, err)
		case node != nil:
			statements = append(statements, &Statement{Node: node, Source: source, Start: span.start, End: span.end})
		}
	}
	return statements, broken
}

// parseOne parses the one statement of a span; the node is nil for an empty one.
func parseOne(source *Source, at span) (*Node, *Error) {
	text := source.Text[at.start:at.end]
	if i, what := invalid(text); i >= 0 {
		return nil, &Error{Position: source.Position(at.start + i), Message: what}
	}
	tree, err := parse(text)
	if err != nil {
		position, message := source.Position(at.start), err.Error()
		var syntax *parser.Error
		if errors.As(err, &syntax) {
			position = source.Position(at.start + offsetOfCharacter(text, syntax.Cursorpos))
			message = syntax.Message
		}
		return nil, &Error{Position: position, Message: message}
	}
	switch len(tree) {
	case 0:
		return nil, nil
	case 1:
		return tree[0], nil
	}
	return nil, &Error{Position: source.Position(at.start), Message: "several statements where one was expected"}
}

// offsetOfCharacter turns the parser's error position, which counts characters from 1, into an
// offset in bytes.
func offsetOfCharacter(text string, n int) int {
	offset := 0
	for ; n > 1 && offset < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}

// ParseExpr parses an expression by itself, as in a policy that a server prints.
func ParseExpr(text string) (*Node, error) {
	const prefix = "SELECT "
	tree, err := parse(prefix + text)
	if err != nil {
		return nil, err
	}
	if len(tree) != 1 {
		return nil, fmt.Errorf("not one expression: %s", text)
	}
	targets := tree[0].GetSelectStmt().GetTargetList()
	if len(targets) != 1 {
		return nil, fmt.Errorf("not one expression: %s", text)
	}
	return targets[0].GetResTarget().GetVal(), nil
}

// Deparse writes a statement node as SQL.
func Deparse(node *Node) (string, error) {
	return pg_query.Deparse(&pg_query.ParseResult{Stmts: []*pg_query.RawStmt{{Stmt: node}}})
}

// DeparseExpr writes an expression node as SQL.
func DeparseExpr(node *Node) (string, error) {
	target := &Node{Node: &pg_query.Node_ResTarget{ResTarget: &ResTarget{Val: node}}}
	text, err := Deparse(&Node{Node: &pg_query.Node_SelectStmt{SelectStmt: &SelectStmt{
		TargetList: []*Node{target}, LimitOption: pg_query.LimitOption_LIMIT_OPTION_DEFAULT, Op: pg_query.SetOperation_SETOP_NONE,
	}}})
	if err != nil {
		return "", err
	}
	return text[len("SELECT "):], nil
}

// PlPgSQL returns the parser's JSON tree of the body of a CREATE FUNCTION statement in PL/pgSQL.
func PlPgSQL(createFunction string) (string, error) {
	return pg_query.ParsePlPgSqlToJSON(createFunction)
}
