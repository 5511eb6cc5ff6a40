// Package report writes what tenantvet found: as text, Markdown or an HTML page for people, as JSON, as
// SARIF 2.1.0 for code scanning, and as workflow commands for GitHub Actions.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// Format names an output format.
type Format string

const (
	// Text is for people.
	Text Format = "text"
	// JSON is one object with everything.
	JSON Format = "json"
	// SARIF is the Static Analysis Results Interchange Format, version 2.1.0.
	SARIF Format = "sarif"
	// GitHub are workflow commands that GitHub Actions shows beside the changed lines.
	GitHub Format = "github"
	// Markdown is for comments on pull requests and summaries of jobs.
	Markdown Format = "markdown"
	// HTML is one page with everything, in one file.
	HTML Format = "html"
)

var writers = map[Format]func(io.Writer, *Report) error{
	Text: writeText, JSON: writeJSON, SARIF: writeSARIF, GitHub: writeGitHub,
	Markdown: writeMarkdown, HTML: writeHTML,
}

// Formats returns the names of all formats.
func Formats() []string {
	return []string{string(Text), string(JSON), string(SARIF), string(GitHub), string(Markdown), string(HTML)}
}

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if _, ok := writers[Format(name)]; ok {
		return Format(name), nil
	}
	return "", fmt.Errorf("unknown format %q: use %s", name, strings.Join(Formats(), ", "))
}

// Report is a finished result with what the writers need beside it.
type Report struct {
	// Result is sorted and fingerprinted; its files are relative to Dir (see Localize).
	Result *finding.Result
	// Dir is the folder that the source files are read from for their lines.
	Dir string
	// Version is the version of tenantvet.
	Version string
	// Coverage says what was looked at.
	Coverage Coverage
	// Matrix is shown by Text, JSON, Markdown and HTML when it is there.
	Matrix *schemacheck.Matrix
	// Audits are the running databases that were looked at. Their results are in Result too.
	Audits []*livecheck.Audit
	// Fleet is what JSON keeps of the databases of a fleet, for tenantvet report merge.
	Fleet *fleet.Fleet
	// When is the time of the report; zero to leave it out.
	When time.Time
	// Show are the kinds of things that Text lists one by one instead of counting them.
	Show Show
	// Color says whether Text uses terminal colours.
	Color bool
}

// Coverage counts what was looked at: a verdict means nothing without it.
type Coverage struct {
	Packages int `json:"packages"`
	// Statements are those of query files, Executed those that running databases executed.
	Statements   int `json:"statements"`
	Executed     int `json:"executed,omitempty"`
	Databases    int `json:"databases,omitempty"`
	Tables       int `json:"tables"`
	TenantTables int `json:"tenant_tables"`
}

// listed reports whether a finding is listed rather than counted.
func (r *Report) listed(f finding.Finding) bool {
	if f.Suppressed != "" {
		return r.Show.has("suppressed")
	}
	return f.Severity > finding.Info || r.Show.has("info")
}

// Write writes a report in one of the formats.
func Write(w io.Writer, format Format, r *Report) error {
	write, ok := writers[format]
	if !ok {
		return fmt.Errorf("unknown format %q", format)
	}
	return write(w, r)
}

// Show selects what Text lists one by one.
type Show []string

var showable = []string{"info", "undecided", "skipped", "suppressed"}

// ParseShow reads a list such as "info,undecided"; "all" stands for everything.
func ParseShow(list string) (Show, error) {
	if list == "" {
		return nil, nil
	}
	var show Show
	for name := range strings.SplitSeq(list, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "all":
			return showable, nil
		case !slices.Contains(showable, name):
			return nil, fmt.Errorf("cannot show %q: use %s or all", name, strings.Join(showable, ", "))
		}
		show = append(show, name)
	}
	return show, nil
}

func (s Show) has(name string) bool { return slices.Contains(s, name) }
