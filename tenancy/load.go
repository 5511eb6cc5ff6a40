package tenancy

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tenantvet/tenantvet/finding"
)

// Limits of a model file. The YAML parser takes time that grows with the square of the lines and of
// the nesting in a line or in brackets; a file that people write stays far below.
const (
	maxFileSize   = 256 << 10
	maxLines      = 10_000
	maxLineLength = 4 << 10
	maxBrackets   = 100
)

// Load reads a model file. A key that the file leaves out keeps its zero value and is named in
// Model.Inferred. The error is of type Errors when it is about the content of the file.
func Load(path string) (*Model, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := readAtMost(path, maxFileSize+1)
	if err != nil {
		return nil, err
	}
	m, errs := decode(path, text)
	if len(errs) > 0 {
		return nil, errs
	}
	return m, nil
}

// decode reads the text of a model file.
func decode(path string, text []byte) (*Model, Errors) {
	d, body, err := document(path, text)
	if err != nil {
		return nil, Errors{err}
	}
	m := NewModel(filepath.Dir(path))
	m.File = path
	d.model(m, body)
	return m, d.sorted()
}

// document parses a text that holds one YAML document; the body of an empty one is null.
func document(path string, text []byte) (*decoder, ast.Node, *Error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := checkText(path, text); err != nil {
		return nil, nil, err
	}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, nil, syntaxError(path, text, err)
	}
	d := &decoder{file: path, lines: bytes.Split(text, []byte("\n"))}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			d.errorf(doc.Body, "a second YAML document; write everything in one")
			break
		}
		body = doc.Body
	}
	if body == nil {
		body = ast.Null(nil)
	}
	return d, body, nil
}

// sorted returns what is wrong, in order of the file.
func (d *decoder) sorted() Errors {
	slices.SortStableFunc(d.errs, func(a, b *Error) int { return a.Compare(b.Position) })
	return d.errs
}

// checkText finds what the parser must not be asked to read.
func checkText(path string, text []byte) *Error {
	at := func(line, column int) finding.Position {
		return finding.Position{File: path, Line: line, Column: column}
	}
	if len(text) > maxFileSize {
		return &Error{at(1, 1), fmt.Sprintf("the file is larger than %d KB, which no tenancy model is", maxFileSize>>10)}
	}
	brackets, line := 0, 0
	for one := range bytes.Lines(text) {
		if line++; line > maxLines {
			return &Error{at(line, 1), fmt.Sprintf("the file has more than %d lines, which no tenancy model has", maxLines)}
		}
		if i := invalidByte(one); i >= 0 {
			return &Error{at(line, i+1), notText(one[i])}
		}
		if len(one) > maxLineLength {
			return &Error{at(line, maxLineLength), fmt.Sprintf("the line is longer than %d bytes; break it up", maxLineLength)}
		}
		brackets += bytes.Count(one, []byte("[")) + bytes.Count(one, []byte("{"))
		brackets -= bytes.Count(one, []byte("]")) + bytes.Count(one, []byte("}"))
		if brackets > maxBrackets {
			return &Error{at(line, 1), "brackets nested too deeply"}
		}
	}
	return nil
}

// invalidByte returns the offset of the first byte that is not UTF-8 or is NUL, or -1.
func invalidByte(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == 0 || (r == utf8.RuneError && size == 1) {
			return i
		}
		i += size
	}
	return -1
}

func notText(b byte) string {
	if b == 0 {
		return "a NUL byte, which no text has; remove it, or save the file as UTF-8"
	}
	return "not text in UTF-8; save the file as UTF-8"
}

// syntaxError turns an error of the YAML parser into one with a position.
func syntaxError(path string, text []byte, err error) *Error {
	e := &Error{finding.Position{File: path, Line: 1, Column: 1}, "not valid YAML"}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		e.Message += ": " + syntax.GetMessage()
		if token := syntax.GetToken(); token != nil {
			d := &decoder{file: path, lines: bytes.Split(text, []byte("\n"))}
			e.Position = d.position(token)
		}
	} else if line, _, _ := strings.Cut(err.Error(), "\n"); line != "" {
		e.Message += ": " + line
	}
	return e
}
