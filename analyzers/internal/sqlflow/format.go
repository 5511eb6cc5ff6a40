package sqlflow

import (
	"strings"

	"golang.org/x/tools/go/ssa"
)

// format is fmt.Sprintf: each verb of the format becomes the text of its operand, or a hole.
func (r *resolver) format(formats []Template, operands ssa.Value, call *ssa.Call) []Template {
	values, known := variadic(operands)
	return each(formats, func(format Template) []Template {
		next := 0
		var parts [][]Template
		for _, p := range format.Pieces {
			if p.Hole != nil {
				parts = append(parts, []Template{{Pieces: []Piece{p}}})
				continue
			}
			at := 0
			for at < len(p.Text) {
				i := strings.IndexByte(p.Text[at:], '%')
				if i < 0 {
					break
				}
				parts = append(parts, p.cut(at, at+i))
				at += i
				v := parseVerb(p.Text[at:], next)
				if v.letter == '%' {
					parts = append(parts, p.cut(at, at+1))
				} else {
					var operand ssa.Value
					if known && v.operand < len(values) {
						operand = values[v.operand]
					}
					parts = append(parts, r.operand(v, operand, call))
					next = v.operand + 1
				}
				at += v.size
			}
			parts = append(parts, p.cut(at, len(p.Text)))
		}
		return concat(parts...)
	})
}

// verb is one verb of a format: its letter, its length in the text and its operand.
type verb struct {
	letter        byte
	size, operand int
}

// parseVerb reads the verb at the start of text, which begins with '%'.
func parseVerb(text string, next int) verb {
	v := verb{letter: '%', size: 1, operand: next}
	for i := 1; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '[':
			end := strings.IndexByte(text[i:], ']')
			if end < 0 {
				return v
			}
			n := 0
			for _, d := range text[i+1 : i+end] {
				n = n*10 + int(d-'0')
			}
			if n < 1 || n > 1<<10 {
				return v
			}
			v.operand = n - 1
			i += end
		case c == '*':
			v.operand++
		case strings.IndexByte("+-# 0123456789.", c) >= 0:
		default:
			v.letter, v.size = c, i+1
			return v
		}
	}
	v.size = len(text)
	return v
}

// operand returns the text that a verb writes.
func (r *resolver) operand(v verb, operand ssa.Value, call *ssa.Call) []Template {
	switch v.letter {
	case 'd', 'b', 'o', 'f', 'g', 'e', 't', 'x', 'X':
		if c, ok := constantOf(operand); ok {
			return literal(c)
		}
		return typedHole(Number, call)
	case 's', 'v':
		if operand == nil {
			return hole(codeValue, call)
		}
		return r.text(operand)
	case 'q':
		return typedHole(Identifier, call)
	}
	return hole(codeValue, call)
}

func constantOf(v ssa.Value) (string, bool) {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return "", false
	}
	return c.Value.ExactString(), true
}
