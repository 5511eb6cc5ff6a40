package differential

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// report counts what came of the trials.
type report struct {
	schemas, failed, refuted, unsound int
	// static counts the static verdicts on whole schemas; both those that the server refuted, by them.
	static, both map[string]int
	// cells counts the leaking cells of the static matrix by what the server says of them.
	cells map[prove.Verdict]int
	// isolatedCells counts the isolated ones likewise.
	isolatedCells map[prove.Verdict]int
	alarms        map[string][]alarm
	leaks         map[string]int
	undecided     map[string]int
	features      map[string]int
	refusals      map[string]int
	// witnessed counts the leaking cells whose witness crosses; lame has those that leak, but not by their witness.
	witnessed int
	lame      map[string][]alarm
}

// shown is how many schemas are named of each class.
const shown = 4

type alarm struct {
	index  uint64
	cell   schemacheck.Cell
	policy string // that decides
	schema int    // length
	// how says what the witness did on the server.
	how string
}

func newReport() *report {
	return &report{static: map[string]int{}, both: map[string]int{}, cells: map[prove.Verdict]int{}, isolatedCells: map[prove.Verdict]int{},
		alarms: map[string][]alarm{}, leaks: map[string]int{}, undecided: map[string]int{}, features: map[string]int{}, refusals: map[string]int{}, lame: map[string][]alarm{}}
}

func (r *report) add(t *trial, err error) {
	r.schemas++
	if err != nil {
		r.failed++
		return
	}
	verdict := string(t.check.Verdict())
	r.static[verdict]++
	if t.report.Verdict() == prove.Refuted {
		r.refuted++
		r.both[verdict]++
	}
	if len(t.unsound()) > 0 {
		r.unsound++
	}
	for _, cell := range t.matrix.Cells {
		switch cell.Verdict {
		case finding.Leaks:
			r.cells[t.measured(cell)]++
			r.leaks[kindOf(cell)]++
			if t.witnessed(cell) {
				r.witnessed++
			} else if t.measured(cell) == prove.Refuted {
				r.lame[kindOf(cell)] = append(r.lame[kindOf(cell)], t.alarm(cell))
			}
		case finding.Isolated:
			r.isolatedCells[t.measured(cell)]++
		case finding.Unknown:
			r.undecided[reason(cell.Reason)]++
		}
	}
	for _, cell := range t.alarms() {
		r.alarms[kindOf(cell)] = append(r.alarms[kindOf(cell)], t.alarm(cell))
	}
	for f := range t.features {
		r.features[f]++
	}
	for _, err := range t.refusals {
		r.refusals[quotedOrNumber.ReplaceAllString(err.Error(), "…")]++
	}
}

// quotedOrNumber matches what differs between refusals of the same kind.
var quotedOrNumber = regexp.MustCompile(`"[^"]*"|[0-9]+`)

// reason shortens the reason of an undecided cell to what it shares with others.
func reason(text string) string {
	if _, after, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(text, "policy ") {
		text = "policy: " + after
	}
	return strings.TrimRight(text, "0123456789")
}

// summary gives the figures.
func (r *report) summary() string {
	leaking := r.cells[prove.Refuted] + r.cells[prove.Proved]
	return fmt.Sprintf("%d schemas (%d failed): %d unsound; called isolated %d, leaks %d, undecided %d; the server refutes %d, of those called leaks %d, undecided %d\n"+
		"cells called leaks: %d refuted, %d not, %d that prove cannot tell: %.1f %% of those it can tell are right\ncells called isolated: %d proved, %d that prove cannot tell",
		r.schemas, r.failed, r.unsound, r.static["isolated"], r.static["leaks"], r.static["undecided"], r.refuted, r.both["leaks"], r.both["undecided"],
		r.cells[prove.Refuted], r.cells[prove.Proved], r.cells[prove.Vacuous]+r.cells[prove.NotTried],
		100*float64(r.cells[prove.Refuted])/float64(max(1, leaking)),
		r.isolatedCells[prove.Proved], r.isolatedCells[prove.Vacuous]+r.isolatedCells[prove.NotTried])
}

func (r *report) String() string {
	var b strings.Builder
	b.WriteString(r.summary())
	b.WriteString("\ncalled leaks, and prove finds no way:\n")
	r.list(&b, r.alarms)
	fmt.Fprintf(&b, "%d witnesses cross; leaks whose witness does not:\n", r.witnessed)
	r.list(&b, r.lame)
	b.WriteString("undecided:\n")
	top(&b, r.undecided, 15)
	b.WriteString("features:\n")
	top(&b, r.features, 60)
	b.WriteString("statements left out, as the server refuses them:\n")
	top(&b, r.refusals, 15)
	return b.String()
}

// list writes the shortest schemas of each class.
func (r *report) list(b *strings.Builder, classes map[string][]alarm) {
	for _, kind := range byCount(classes, func(list []alarm) int { return len(list) }) {
		list := classes[kind]
		fmt.Fprintf(b, "  %5d of %5d %s\n", len(list), r.leaks[kind], kind)
		slices.SortStableFunc(list, func(x, y alarm) int { return cmp.Compare(x.schema, y.schema) })
		for _, a := range list[:min(shown, len(list))] {
			fmt.Fprintf(b, "      FIRST=%d %s: %s\n", a.index, a.cell.Relation, a.cell.Reason)
			if a.policy != "" {
				fmt.Fprintf(b, "          %s\n", a.policy)
			}
			fmt.Fprintf(b, "          %s -- %s\n", strings.ReplaceAll(a.cell.Witness, "\n", " "), a.how)
		}
	}
}

// alarm keeps what is to be said of a cell.
func (t *trial) alarm(cell schemacheck.Cell) alarm {
	a := alarm{index: t.index, cell: cell, policy: t.policy(cell), schema: len(t.text())}
	for _, c := range t.report.Tried {
		if c.Object == cell.Relation && c.Command == cell.Command {
			a.how = c.How
		}
	}
	return a
}

// policy returns the statement that makes the policy by which a cell leaks.
func (t *trial) policy(cell schemacheck.Cell) string {
	fields := strings.Fields(cell.Reason)
	if len(fields) < 2 || fields[0] != "policy" {
		return ""
	}
	return t.statement("CREATE POLICY " + strings.TrimSuffix(fields[1], ":") + " ")
}

// describe shows a trial whole: its schema, what the static verdict calls leaks and what prove makes of it.
func (t *trial) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PostgreSQL %d\n%s\n\n", t.major, t.text())
	for _, cell := range t.matrix.Cells {
		if cell.Verdict == finding.Leaks || cell.Verdict == finding.Unknown {
			fmt.Fprintf(&b, "%s %s %s: %s %s\n    %s\n", cell.Relation, cell.Command, cell.Verdict, cell.Rule, cell.Reason, strings.ReplaceAll(cell.Witness, "\n", "\n    "))
		}
	}
	for _, beside := range t.matrix.Beside {
		fmt.Fprintf(&b, "%s: %s %s\n", beside.Object, beside.Rule, beside.Reason)
	}
	fmt.Fprintf(&b, "\nverdict %s; prove says\n", t.check.Verdict())
	t.report.WriteText(&b)
	return b.String()
}

func byCount[V any](counts map[string]V, n func(V) int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(n(counts[y]), n(counts[x])), cmp.Compare(x, y))
	})
}

func top(b *strings.Builder, counts map[string]int, n int) {
	keys := byCount(counts, func(n int) int { return n })
	for _, key := range keys[:min(n, len(keys))] {
		fmt.Fprintf(b, "  %5d %s\n", counts[key], key)
	}
}
