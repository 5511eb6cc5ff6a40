package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

var githubLevels = map[finding.Severity]string{
	finding.Error: "error", finding.Warning: "warning", finding.Info: "notice",
}

// writeGitHub writes workflow commands ("Workflow commands for GitHub Actions", section "Setting an
// error message"), then one plain line for the log.
func writeGitHub(w io.Writer, r *Report) error {
	var b strings.Builder
	for _, f := range r.Result.Findings {
		if f.Suppressed != "" {
			continue
		}
		message := f.Message
		for _, e := range f.Evidence {
			message += "\n" + e
		}
		if f.Fix != nil {
			message += "\nfix: " + f.Fix.Message
			if f.Fix.Code != "" {
				message += "\n" + f.Fix.Code
			}
		}
		command(&b, githubLevels[f.Severity], f.Position, "tenantvet "+f.Rule, message)
	}
	for _, s := range r.Result.Skipped {
		if s.Broken {
			command(&b, "error", s.Position, "tenantvet skipped "+s.What, s.Reason)
		}
	}
	fmt.Fprintf(&b, "tenantvet: %s\n", headline(r, summarize(r.Result, r.Coverage)))
	_, err := io.WriteString(w, b.String())
	return err
}

func command(b *strings.Builder, level string, at finding.Position, title, message string) {
	b.WriteString("::" + level + " ")
	if at.File != "" {
		b.WriteString("file=" + property(at.File) + ",")
	}
	if at.Line > 0 {
		b.WriteString("line=" + strconv.Itoa(at.Line) + ",")
	}
	if at.Column > 0 {
		b.WriteString("col=" + strconv.Itoa(at.Column) + ",")
	}
	b.WriteString("title=" + property(clean(title)) + "::" + data(clean(message)) + "\n")
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func data(s string) string     { return dataEscapes.Replace(s) }
func property(s string) string { return propertyEscapes.Replace(s) }
