package pgast

import (
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Comments returns the line comments of a source that may hold a directive. One on its own line
// between statements covers the whole next statement, one inside a statement the next line of
// code, and one behind code its own line.
func Comments(source *Source) []finding.Comment {
	if !strings.Contains(source.Text, "tenantvet:") {
		return nil
	}
	var comments []finding.Comment
	spans := split(source.Text)
	l := lexer{text: source.Text}
	for more := true; more; {
		gap := l.end
		more = l.next()
		for _, at := range lineComments(source.Text[gap:l.start]) {
			at.start, at.end = gap+at.start, gap+at.end
			text := strings.TrimLeft(source.Text[at.start:at.end], "-")
			if !strings.HasPrefix(strings.TrimSpace(text), "tenantvet:") {
				continue
			}
			comments = append(comments, finding.Comment{
				Position: source.Position(at.start),
				Text:     text,
				Covers:   source.covered(spans, at.start, gap, l.start),
			})
		}
	}
	return comments
}

// covered returns the lines a comment speaks of; before is the end of the token before it, next
// the start of the one behind it.
func (s *Source) covered(spans []span, comment, before, next int) finding.Lines {
	line := func(offset int) int { return s.Position(offset).Line }
	if own := line(comment); before > 0 && line(before-1) == own {
		return finding.Lines{From: own, To: own}
	}
	if next >= len(s.Text) {
		return finding.Lines{}
	}
	for _, at := range spans {
		if at.start == next {
			return finding.Lines{From: line(at.start), To: line(at.end - 1)}
		}
	}
	return finding.Lines{From: line(next), To: line(next)}
}

// lineComments returns the "--" comments in a text of blanks and comments.
func lineComments(text string) []span {
	var found []span
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "--"):
			n := strings.IndexByte(text[i:], '\n')
			if n < 0 {
				n = len(text) - i
			}
			found = append(found, span{i, i + n})
			i += n
		case strings.HasPrefix(text[i:], "/*"):
			i += max(1, blockComment(text[i:]))
		default:
			i++
		}
	}
	return found
}

// StatementLines returns the lines of each statement of a source.
func StatementLines(source *Source) []finding.Lines {
	var lines []finding.Lines
	for _, at := range split(source.Text) {
		lines = append(lines, finding.Lines{From: source.Position(at.start).Line, To: source.Position(at.end - 1).Line})
	}
	return lines
}
