package replay

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// replacement is the value of a psql variable in the place of a reference to it.
type replacement struct {
	start, end int
	value      string
}

// setVariable notes a variable and reports whether its value is known: it is where it is one plain word.
func (b *blanker) setVariable(argument string) bool {
	words := strings.Fields(argument)
	if len(words) == 0 {
		return true // lists the variables
	}
	if b.variables == nil {
		b.variables = map[string]string{}
	}
	if len(words) == 2 && len(b.branches) == 0 {
		if value := strings.Trim(words[1], "'"); !strings.ContainsAny(value, `'":\`+"`") {
			b.variables[words[0]] = value
			return true
		}
	}
	delete(b.variables, words[0])
	return false
}

// reference replaces :name, :'name' and :"name" (PostgreSQL manual, psql, SQL Interpolation) where the value is known.
func (b *blanker) reference(text string, start, end int) {
	name, quote := text[start+1:end], ""
	if c := name[:1]; c == "'" || c == `"` {
		name, quote = strings.Trim(name, c), c
	}
	if value, ok := b.variables[name]; ok && b.applies() {
		b.replaced = append(b.replaced, replacement{start, end, quote + value + quote})
	}
}

// source is the text of a file with the values of its variables; positions are those of the file.
func (b *blanker) source(file string) *pgast.Source {
	original := pgast.NewSource(file, b.result())
	if len(b.replaced) == 0 {
		return original
	}
	var text strings.Builder
	var ends []int // of the values, in the new text
	from := 0
	for i := range b.replaced {
		r := &b.replaced[i]
		text.WriteString(original.Text[from:r.start])
		text.WriteString(r.value)
		ends, from = append(ends, text.Len()), r.end
	}
	text.WriteString(original.Text[from:])
	moved := func(offset int) int {
		i, _ := slices.BinarySearch(ends, offset+1) // the first value that ends behind the offset
		if i < len(ends) {
			if begin := ends[i] - len(b.replaced[i].value); offset >= begin {
				return b.replaced[i].start
			}
		}
		if i == 0 {
			return offset
		}
		return offset - ends[i-1] + b.replaced[i-1].end
	}
	return pgast.NewEmbedded(file, text.String(), func(offset int) finding.Position { return original.Position(moved(offset)) })
}
