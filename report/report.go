// Package report writes what tenantvet found: as text for people, as JSON, as SARIF 2.1.0 for code
// scanning, and as workflow commands for GitHub Actions.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
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
)

var writers = map[Format]func(io.Writer, *Report) error{
	Text: writeText, JSON: writeJSON, SARIF: writeSARIF, GitHub: writeGitHub,
}

// Formats returns the names of all formats.
func Formats() []string { return []string{string(Text), string(JSON), string(SARIF), string(GitHub)} }

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
	// Matrix is shown by Text and JSON when it is there.
	Matrix *schemacheck.Matrix
	// Show are the kinds of things that Text lists one by one instead of counting them.
	Show Show
	// Color says whether Text uses terminal colours.
	Color bool
}

// Coverage counts what was looked at: a verdict means nothing without it.
type Coverage struct {
	Packages     int `json:"packages"`
	Statements   int `json:"statements"`
	Tables       int `json:"tables"`
	TenantTables int `json:"tenant_tables"`
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
