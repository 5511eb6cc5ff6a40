package tenancy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/tenantvet/tenantvet/finding"
)

// decoder walks a YAML tree and collects everything that is wrong in it.
type decoder struct {
	file  string
	lines [][]byte
	errs  Errors
}

func (d *decoder) errorf(n ast.Node, format string, args ...any) {
	d.errs = append(d.errs, &Error{d.at(n), fmt.Sprintf(format, args...)})
}

// at returns where a node starts.
func (d *decoder) at(n ast.Node) finding.Position {
	if m, ok := n.(ast.MapNode); ok {
		if entries := m.MapRange(); entries.Next() {
			return d.position(entries.Key().GetToken())
		}
	}
	return d.position(n.GetToken())
}

// position turns the parser's column, which counts characters, into one that counts bytes.
func (d *decoder) position(t *token.Token) finding.Position {
	p := finding.Position{File: d.file, Line: 1, Column: 1}
	if t == nil || t.Position == nil || t.Position.Line < 1 {
		return p
	}
	p.Line = min(t.Position.Line, len(d.lines))
	line := d.lines[p.Line-1]
	for n := t.Position.Column; n > 1 && p.Column <= len(line); n-- {
		_, size := utf8.DecodeRune(line[p.Column-1:])
		p.Column += size
	}
	return p
}

// field is a key of a mapping and what reads its value.
type field struct {
	name string
	read func(ast.Node)
}

// mapping reads the keys of a mapping. A key without a value counts as left out. It returns where the
// values stand of the keys that have one.
func (d *decoder) mapping(n ast.Node, fields ...field) map[string]finding.Position {
	n = d.plain(n)
	if n == nil {
		return nil
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		d.wrongType(n, "a mapping (key: value)")
		return nil
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	seen, given := map[string]finding.Position{}, map[string]finding.Position{}
	for entries := m.MapRange(); entries.Next(); {
		key, ok := text(entries.Key())
		i := slices.Index(names, key)
		switch {
		case !ok || i < 0:
			d.errorf(entries.Key(), "unknown key %q%s (known: %s)",
				entries.Key().String(), didYouMean(key, names), strings.Join(names, ", "))
		case seen[key].IsValid():
			d.errorf(entries.Key(), "key %q stands twice, first in line %d", key, seen[key].Line)
		default:
			seen[key] = d.at(entries.Key())
			if value := d.plain(entries.Value()); value != nil {
				given[key] = d.at(value)
				fields[i].read(value)
			}
		}
	}
	return given
}

// plain strips tags and anchors; it returns nil for null and for what it reports as an error.
func (d *decoder) plain(n ast.Node) ast.Node {
	for {
		switch v := n.(type) {
		case nil, *ast.NullNode:
			return nil
		case *ast.TagNode:
			n = v.Value
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			d.errorf(n, "aliases are not supported; write the value out")
			return nil
		default:
			return n
		}
	}
}

// list reads a sequence with one function per item.
func (d *decoder) list(n ast.Node, item func(ast.Node)) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrongType(n, "a list")
		return
	}
	for _, value := range sequence.Values {
		if v := d.plain(value); v != nil {
			item(v)
		} else if _, null := value.(*ast.NullNode); null {
			d.errorf(value, "empty list item")
		}
	}
}

// strings reads a list of distinct, non-empty strings.
func (d *decoder) strings(to *[]string) func(ast.Node) {
	return func(n ast.Node) {
		*to = []string{}
		d.list(n, func(item ast.Node) {
			var s string
			d.string(&s)(item)
			if slices.Contains(*to, s) && s != "" {
				d.errorf(item, "%q stands twice in the list", s)
			} else if s != "" {
				*to = append(*to, s)
			}
		})
	}
}

// string reads a non-empty string.
func (d *decoder) string(to *string) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := text(n)
		switch {
		case !ok:
			d.wrongType(n, "a string")
		case strings.TrimSpace(s) == "":
			d.errorf(n, "empty string; leave the key out instead")
		default:
			*to = strings.TrimSpace(s)
		}
	}
}

// text returns the value of a string node.
func text(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	}
	return "", false
}

func (d *decoder) bool(to *bool) func(ast.Node) {
	return func(n ast.Node) {
		if v, ok := n.(*ast.BoolNode); ok {
			*to = v.Value
		} else {
			d.wrongType(n, "true or false")
		}
	}
}

// version reads a major version of PostgreSQL.
func (d *decoder) version(to *int) func(ast.Node) {
	return func(n ast.Node) {
		v, ok := n.(*ast.IntegerNode)
		if !ok {
			d.wrongType(n, "a whole number, such as 16")
			return
		}
		major, err := strconv.Atoi(fmt.Sprint(v.Value))
		if err != nil || major < OldestPG || major > NewestPG {
			d.errorf(n, "%v is no major version of PostgreSQL between %d and %d", v.Value, OldestPG, NewestPG)
			return
		}
		*to = major
	}
}

// enum reads one of a few strings.
func enum[T ~string](d *decoder, to *T, values ...T) func(ast.Node) {
	return func(n ast.Node) {
		var s string
		before := len(d.errs)
		d.string(&s)(n)
		if slices.Contains(values, T(s)) {
			*to = T(s)
		} else if len(d.errs) == before {
			names := make([]string, len(values))
			for i, v := range values {
				names[i] = string(v)
			}
			d.errorf(n, "unknown value %q%s (known: %s)", s, didYouMean(s, names), strings.Join(names, ", "))
		}
	}
}

func (d *decoder) wrongType(n ast.Node, want string) {
	remedy := ""
	if s, ok := text(n); ok && want == "a list" {
		remedy = fmt.Sprintf("; write [%s]", s)
	}
	d.errorf(n, "expected %s, found %s%s", want, kind(n), remedy)
}

// kind names what a node is to a reader of YAML.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "a string"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "a mapping"
	}
	return "something else"
}
