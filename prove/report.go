package prove

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Verdict is what came of trying one command on one object.
type Verdict string

const (
	// Proved says that every attempt left the other tenant alone, and that the same command does
	// reach the tenant's own rows.
	Proved Verdict = "proved"
	// Refuted says that an attempt crossed.
	Refuted Verdict = "refuted"
	// Vacuous says that nothing crossed, but that the tenant does not reach its own rows either.
	Vacuous Verdict = "vacuous"
	// NotTried says that no attempt came to a conclusion.
	NotTried Verdict = "not tried"
)

// Command is what is tried on an object.
type Command string

const (
	Select   Command = "select"
	Insert   Command = "insert"
	Update   Command = "update"
	Move     Command = "move" // UPDATE that hands a row to another tenant
	Delete   Command = "delete"
	Truncate Command = "truncate"
	// Existence asks through a unique key whether another tenant's row exists.
	Existence Command = "existence"
	// Reference points a foreign key at another tenant's row.
	Reference Command = "reference"
	Call      Command = "call"
)

// commands are the columns of the matrix.
var commands = []Command{Select, Insert, Update, Move, Delete, Truncate, Existence, Reference, Call}

// Cell is the answer for one object and command.
type Cell struct {
	Object  string  `json:"object"`
	Kind    string  `json:"kind"`
	Command Command `json:"command"`
	Verdict Verdict `json:"verdict"`
	// Reason says in a phrase why.
	Reason string `json:"reason,omitempty"`
	// Reaches is the relation whose rows of another tenant an attempt changed or made.
	Reaches string `json:"reaches,omitempty"`
	// Statements are those that crossed, from the start of their transaction.
	Statements []string `json:"statements,omitempty"`
}

// Unfilled is a table without rows of both tenants.
type Unfilled struct {
	Object string `json:"object"`
	Reason string `json:"reason"`
}

// Report is the outcome of a run.
type Report struct {
	Role     string     `json:"role"`
	Version  int        `json:"pg_version"`
	Cells    []Cell     `json:"cells"`
	Unfilled []Unfilled `json:"unfilled,omitempty"`
	Tried    []Tried    `json:"tried,omitempty"`
	Notes    []string   `json:"notes,omitempty"`
}

// Verdict sums the report up: refuted if any cell is, proved if at least one is and none is open.
func (r *Report) Verdict() Verdict {
	sum := Vacuous
	for _, c := range r.Cells {
		switch c.Verdict {
		case Refuted:
			return Refuted
		case Proved:
			if sum == Vacuous {
				sum = Proved
			}
		}
	}
	return sum
}

// Count returns how many cells have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for _, c := range r.Cells {
		if c.Verdict == v {
			n++
		}
	}
	return n
}

// WriteJSON writes the report as one object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Verdict Verdict `json:"verdict"`
		*Report
	}{r.Verdict(), r})
}

// WriteText writes the matrix, and below it the statements that crossed and what was not tried.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	r.matrix(&b)
	r.crossings(&b)
	r.list(&b, NotTried)
	r.list(&b, Vacuous)
	r.lame(&b)
	if len(r.Unfilled) > 0 {
		fmt.Fprintf(&b, "\ntables without rows of both tenants:\n")
		for _, u := range r.Unfilled {
			fmt.Fprintf(&b, "    %s: %s\n", u.Object, u.Reason)
		}
	}
	fmt.Fprintf(&b, "\n%s: %d proved, %d refuted, %d vacuous, %d not tried (role %s, PostgreSQL %d)\n",
		r.Verdict(), r.Count(Proved), r.Count(Refuted), r.Count(Vacuous), r.Count(NotTried), r.Role, r.Version)
	_, err := io.WriteString(w, b.String())
	return err
}

// matrix writes objects × commands; a cell that does not exist is a dot.
func (r *Report) matrix(b *strings.Builder) {
	used := slices.DeleteFunc(slices.Clone(commands), func(c Command) bool {
		return !slices.ContainsFunc(r.Cells, func(cell Cell) bool { return cell.Command == c })
	})
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	defer table.Flush()
	for _, c := range used {
		fmt.Fprintf(table, "\t%s", c)
	}
	fmt.Fprintln(table)
	for i := 0; i < len(r.Cells); {
		object, row := r.Cells[i].Object, map[Command]Verdict{}
		for ; i < len(r.Cells) && r.Cells[i].Object == object; i++ {
			row[r.Cells[i].Command] = r.Cells[i].Verdict
		}
		fmt.Fprint(table, object)
		for _, c := range used {
			verdict := row[c]
			if verdict == "" {
				verdict = "."
			}
			fmt.Fprintf(table, "\t%s", verdict)
		}
		fmt.Fprintln(table)
	}
}

// list writes the reasons of the cells with a verdict, one line for each object and reason.
func (r *Report) list(b *strings.Builder, verdict Verdict) {
	type line struct{ object, reason string }
	var lines []line
	found := map[line][]string{}
	for _, c := range r.Cells {
		if c.Verdict == verdict {
			l := line{c.Object, c.Reason}
			if found[l] == nil {
				lines = append(lines, l)
			}
			found[l] = append(found[l], string(c.Command))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n%s:\n", verdict)
	}
	for _, l := range lines {
		fmt.Fprintf(b, "    %s %s: %s\n", l.object, strings.Join(found[l], ", "), l.reason)
	}
}
