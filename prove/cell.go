package prove

import (
	"cmp"
	"slices"
	"strings"
)

type cellKey struct {
	object  string
	command Command
}

// cell enters an attempt's outcome; the most telling one of a cell stays, and is returned.
func (p *prover) cell(object, kind string, command Command, verdict Verdict, reason string, statements ...string) *Cell {
	key := cellKey{object, command}
	known := p.cells[key]
	if known == nil {
		known = &Cell{Object: object, Kind: kind, Command: command, Verdict: NotTried}
		p.cells[key] = known
		p.order = append(p.order, key)
	} else if weight[verdict] <= weight[known.Verdict] {
		return known
	}
	known.Verdict, known.Reason, known.Statements = verdict, reason, statements
	return known
}

// weight orders verdicts by how much they tell.
var weight = map[Verdict]int{NotTried: 0, Vacuous: 1, Proved: 2, Refuted: 3}

// finish brings the cells into the report, in order of object and command.
func (p *prover) finish() {
	for _, key := range p.order {
		p.report.Cells = append(p.report.Cells, *p.cells[key])
	}
	slices.SortStableFunc(p.report.Cells, func(a, b Cell) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), slices.Index(commands, a.Command)-slices.Index(commands, b.Command))
	})
	slices.Sort(p.report.Notes)
	p.report.Notes = slices.Compact(p.report.Notes)
}
