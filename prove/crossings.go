package prove

import (
	"fmt"
	"regexp"
	"strings"
)

// number matches what differs between reasons that are the same.
var number = regexp.MustCompile(`[0-9]+ rows?`)

// crossings writes the refuted cells. Of those that say the same of several objects, the first shows its
// statements and the others are named.
func (r *Report) crossings(b *strings.Builder) {
	type way struct {
		command Command
		reason  string
	}
	var order []way
	cells := map[way][]Cell{}
	for _, c := range r.Cells {
		if c.Verdict != Refuted {
			continue
		}
		w := way{c.Command, number.ReplaceAllString(strings.ReplaceAll(c.Reason, c.Object, ""), "")}
		if cells[w] == nil {
			order = append(order, w)
		}
		cells[w] = append(cells[w], c)
	}
	for _, w := range order {
		first, others := cells[w][0], cells[w][1:]
		fmt.Fprintf(b, "\n%s %s refuted: %s\n", first.Object, first.Command, first.Reason)
		for _, s := range first.Statements {
			fmt.Fprintf(b, "    %s;\n", strings.ReplaceAll(strings.TrimSuffix(s, ";"), "\n", "\n    "))
		}
		if len(others) > 0 {
			names := make([]string, len(others))
			for i, c := range others {
				names[i] = c.Object
			}
			fmt.Fprintf(b, "  and in the same way %s\n", strings.Join(names, ", "))
		}
	}
}

// lame writes the claims that did not cross.
func (r *Report) lame(b *strings.Builder) {
	header := "\nsaid to leak by the static verdict, by a statement that does not cross here:\n"
	for _, t := range r.Tried {
		if !t.Crossed {
			fmt.Fprintf(b, "%s    %s %s (%s): %s\n", header, t.Object, t.Command, t.Rule, t.How)
			header = ""
		}
	}
}
