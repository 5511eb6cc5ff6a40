package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// matrix shows relations × commands for each role, and below how each leak works and what keeps a cell
// undecided.
func (t *textWriter) matrix(m *schemacheck.Matrix) {
	for cells := m.Cells; len(cells) > 0; {
		first, n := cells[0], 0
		for n < len(cells) && cells[n].Role == first.Role && cells[n].Database == first.Database {
			n++
		}
		title := "role " + first.Role
		if first.Database != "" {
			title += " in " + first.Database
		}
		t.matrixOf(title, cells[:n])
		cells = cells[n:]
	}
	for i, b := range m.Beside {
		if i == 0 || b.Role != m.Beside[i-1].Role {
			fmt.Fprintln(t.out, t.style.bold("beside the cells of role "+clean(b.Role)))
		}
		t.detail("  ", b.Reason+ruleMark(b.Rule))
	}
	if len(m.Beside) > 0 {
		fmt.Fprintln(t.out)
	}
	t.others(m.Others)
}

// others shows what each role reaches beside the rows of tenants.
func (t *textWriter) others(list []schemacheck.Other) {
	for i, o := range list {
		if i == 0 || o.Role != list[i-1].Role || o.Database != list[i-1].Database {
			title := "role " + o.Role + " also reaches"
			if o.Database != "" {
				title += " in " + o.Database
			}
			fmt.Fprintln(t.out, t.style.bold(clean(title)))
		}
		verdict := fmt.Sprintf("%-10s", o.Verdict)
		if o.Verdict == schemacheck.Shared {
			verdict = t.style.faint(verdict)
		} else {
			verdict = t.style.verdict(o.Verdict, verdict)
		}
		fmt.Fprintf(t.out, "  %s  %s %s (%s)\n", verdict, o.Kind, clean(o.Object), strings.Join(o.Privileges, ", "))
		if o.Verdict == finding.Leaks || o.Verdict == finding.Unknown || o.Verdict == schemacheck.Suppressed {
			t.detail("    ", accepted(o.Accepted, o.Reason)+ruleMark(o.Rule))
			t.code(o.Witness)
		}
	}
	if len(list) > 0 {
		fmt.Fprintln(t.out)
	}
}

// accepted puts the reason for which a leak is suppressed before how it works.
func accepted(why, reason string) string {
	if why == "" {
		return reason
	}
	return "suppressed (" + why + "): " + reason
}

func ruleMark(rule string) string {
	if rule == "" {
		return ""
	}
	return " [" + rule + "]"
}

func (t *textWriter) matrixOf(title string, cells []schemacheck.Cell) {
	rows, hidden := rowsOf(cells)
	width := len("relation")
	for _, row := range rows {
		width = max(width, len(row[0].Relation))
	}
	fmt.Fprintf(t.out, "%s\n  %-*s", t.style.bold("matrix of "+clean(title)), width, "relation")
	fmt.Fprintf(t.out, "  %s\n", strings.Join(padded(schemacheck.Commands), "  "))
	for _, row := range rows {
		fmt.Fprintf(t.out, "  %-*s  %s\n", width, clean(row[0].Relation), strings.Join(t.verdicts(row), "  "))
	}
	if hidden > 0 {
		fmt.Fprintln(t.out, t.style.faint(fmt.Sprintf("  and %d without any access", hidden)))
	}
	fmt.Fprintln(t.out)
	t.reasons(cells)
}

// verdicts writes the cells of a row, padded before they are coloured so that the columns stay in line.
func (t *textWriter) verdicts(row []schemacheck.Cell) []string {
	texts := make([]string, len(row))
	for i, c := range row {
		if texts[i] = string(c.Verdict); c.Verdict == schemacheck.NoAccess {
			texts[i] = "-"
		}
	}
	texts = padded(texts)
	for i, c := range row {
		if c.Verdict == schemacheck.NoAccess {
			texts[i] = t.style.faint(texts[i])
		} else {
			texts[i] = t.style.verdict(c.Verdict, texts[i])
		}
	}
	return texts
}

// padded gives all texts but the last the width of the longest verdict.
func padded(texts []string) []string {
	list := slices.Clone(texts)
	for i := range list[:max(0, len(list)-1)] {
		list[i] = fmt.Sprintf("%-10s", list[i])
	}
	return list
}

// rowsOf groups cells by relation, and counts the relations that no command reaches.
func rowsOf(cells []schemacheck.Cell) (rows [][]schemacheck.Cell, hidden int) {
	for n := len(schemacheck.Commands); len(cells) >= n; cells = cells[n:] {
		shown := false
		for _, c := range cells[:n] {
			shown = shown || c.Verdict != schemacheck.NoAccess
		}
		if shown {
			rows = append(rows, cells[:n])
		} else {
			hidden++
		}
	}
	return rows, hidden
}

// reasons says, once for each relation and reason, how a leak works, and then, once for each reason, which relations a
// warning is about and which it keeps undecided.
func (t *textWriter) reasons(cells []schemacheck.Cell) {
	leaks, open := groups{}, groups{}
	for _, c := range cells {
		switch c.Verdict {
		case finding.Leaks, schemacheck.Suppressed:
			leaks.add(c.Relation+"\x00"+c.Accepted+"\x00"+c.Reason, c)
		case finding.Unknown, schemacheck.Warned:
			open.add(string(c.Verdict)+"\x00"+c.Reason, c)
		}
	}
	for _, key := range leaks.order {
		group := leaks.cells[key]
		t.detail(fmt.Sprintf("%s %s %s: ", t.style.bold(clean(group[0].Relation)), strings.Join(commandsOf(group), ", "),
			t.style.verdict(group[0].Verdict, verb(group[0]))), group[0].Reason+ruleMark(group[0].Rule))
		for _, c := range group {
			t.code(c.Witness)
		}
	}
	for _, reason := range open.order {
		var relations []string
		for _, c := range open.cells[reason] {
			if !slices.Contains(relations, c.Relation) {
				relations = append(relations, c.Relation)
			}
		}
		c := open.cells[reason][0]
		t.detail(t.style.verdict(c.Verdict, string(c.Verdict))+": ", c.Reason+ruleMark(c.Rule))
		t.detail("  ", strings.Join(relations, ", "))
	}
	if len(leaks.order)+len(open.order) > 0 {
		fmt.Fprintln(t.out)
	}
}

// verb says what a cell does, with the reason given for a leak that is suppressed.
func verb(c schemacheck.Cell) string {
	if c.Verdict == schemacheck.Suppressed {
		return "suppressed (" + c.Accepted + ")"
	}
	return string(c.Verdict)
}

// groups are cells by what is said about them, in the order in which it is first said.
type groups struct {
	order []string
	cells map[string][]schemacheck.Cell
}

func (g *groups) add(key string, c schemacheck.Cell) {
	if g.cells == nil {
		g.cells = map[string][]schemacheck.Cell{}
	}
	if g.cells[key] == nil {
		g.order = append(g.order, key)
	}
	g.cells[key] = append(g.cells[key], c)
}

func commandsOf(cells []schemacheck.Cell) []string {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = c.Command
	}
	return names
}
