package report

import (
	"github.com/fatih/color"

	"github.com/tenantvet/tenantvet/finding"
)

// style colours text; without colour each of its functions returns its argument.
type style struct {
	bold, faint, good, caret func(...any) string
	levels                   map[finding.Severity]func(...any) string
}

func newStyle(on bool) style {
	paint := func(attributes ...color.Attribute) func(...any) string {
		c := color.New(attributes...)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c.SprintFunc()
	}
	return style{
		bold: paint(color.Bold), faint: paint(color.Faint), good: paint(color.FgGreen), caret: paint(color.FgGreen, color.Bold),
		levels: map[finding.Severity]func(...any) string{
			finding.Error: paint(color.FgRed, color.Bold), finding.Warning: paint(color.FgYellow), finding.Info: paint(color.FgCyan),
		},
	}
}

func (s style) severity(level finding.Severity, text string) string { return s.levels[level](text) }

func (s style) verdict(v finding.Verdict, text string) string {
	switch v {
	case finding.Leaks:
		return s.levels[finding.Error](text)
	case finding.Isolated:
		return s.good(text)
	}
	return s.levels[finding.Warning](text)
}
