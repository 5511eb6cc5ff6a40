package main

import (
	"os"
	"time"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/changed"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
)

// finish writes the report of a result and returns the error that stands for the exit code.
func (c *check) finish(cmd *cobra.Command, p *project.Project, result *finding.Result, coverage report.Coverage) error {
	format, err := report.ParseFormat(c.format)
	if err != nil {
		return err
	}
	failOn, err := finding.ParseSeverity(c.failOn)
	if err != nil {
		return err
	}
	show, err := report.ParseShow(c.show)
	if err != nil {
		return err
	}
	if c.changedSince != "" {
		if err := changed.Filter(cmd.Context(), c.dir, c.changedSince, p.Model.File, result); err != nil {
			return err
		}
	}
	root := c.dir
	if p.Model.Root != "" {
		root = p.Model.Root
	}
	report.Localize(result, root, c.dir)
	r := &report.Report{
		Result: result, Dir: c.dir, Version: version(), Coverage: coverage, Show: show, Color: c.color(cmd), Matrix: c.matrix, Audits: c.audits, Fleet: c.fleet,
	}
	if len(c.audits) > 0 {
		r.When = time.Now() // a running database changes; files are what they are
	}
	err = report.Write(cmd.OutOrStdout(), format, r)
	switch {
	case err != nil:
		return err
	case result.Broken():
		return errUnfinished
	case result.Failing(failOn):
		return errFailing
	}
	return nil
}

// color says whether the output is a terminal that wants colours; NO_COLOR and TERM=dumb are
// honoured (color.NoColor).
func (c *check) color(cmd *cobra.Command) bool {
	return !c.noColor && !color.NoColor && cmd.OutOrStdout() == os.Stdout
}
