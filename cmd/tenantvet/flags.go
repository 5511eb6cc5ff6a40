package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// check holds what the command line asks for.
type check struct {
	dir         string
	model       project.Options
	enforcement string

	format       string
	failOn       string
	show         string
	noColor      bool
	changedSince string
	// matrix and audits are shown by the report when they are there.
	matrix *schemacheck.Matrix
	audits []*livecheck.Audit
	// fleet is written as JSON, for tenantvet report merge.
	fleet *fleet.Fleet

	tags  string
	tests bool
}

// modelFlags are the values of the tenancy model; they replace those of .tenantvet.yml.
func (c *check) modelFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&c.dir, "dir", "C", "", "run as if started in `DIR`")
	f.StringVar(&c.model.Config, "config", "", "tenancy model `FILE` instead of the nearest .tenantvet.yml")
	f.StringSliceVar(&c.model.TenantColumns, "tenant-column", nil, "`NAME` of the tenant column, such as tenant_id (repeatable)")
	f.StringSliceVar(&c.model.Settings, "setting", nil, "`NAME` of the setting that carries the tenant, such as app.tenant_id (repeatable)")
	f.StringSliceVar(&c.model.AppRoles, "app-role", nil, "`ROLE` the service connects as (repeatable)")
	f.StringSliceVar(&c.model.OwnerRoles, "owner-role", nil, "`ROLE` that owns the tables (repeatable)")
	f.IntVar(&c.model.PGVersion, "pg-version", 0, "major `VERSION` of PostgreSQL")
	f.StringVar(&c.enforcement, "enforcement", "", "what isolation rests on: rls, predicate or both")
}

func (c *check) outputFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.format, "format", string(report.Text), "output `FORMAT`: text, json, sarif, github, markdown or html")
	f.StringVar(&c.failOn, "fail-on", finding.Error.String(), "least `SEVERITY` that makes the exit code 1: info, warning or error")
	f.StringVar(&c.show, "show", "", "also list `WHAT` is only counted otherwise: info, undecided, skipped, suppressed or all")
	f.BoolVar(&c.noColor, "no-color", false, "no colours, as with NO_COLOR set")
	f.StringVar(&c.changedSince, "changed-since", "", "only findings in code changed since the git revision `REV`, and their consequences")
}

func (c *check) goFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.tags, "tags", "", "comma-separated `LIST` of build tags")
	f.BoolVar(&c.tests, "tests", false, "check _test.go files too")
}

// complete checks the values that flags cannot check themselves, and makes the folder absolute.
func (c *check) complete() (err error) {
	if c.dir, err = filepath.Abs(c.dir); err != nil {
		return err
	}
	if info, err := os.Stat(c.dir); err != nil || !info.IsDir() {
		return fmt.Errorf("-C %s: no such folder", c.dir)
	}
	if c.model.Config != "" && !filepath.IsAbs(c.model.Config) {
		c.model.Config = filepath.Join(c.dir, c.model.Config)
	}
	if c.model.PGVersion < 0 {
		return fmt.Errorf("--pg-version %d: give the major version, such as 17", c.model.PGVersion)
	}
	switch c.model.Enforcement = tenancy.Enforcement(c.enforcement); c.model.Enforcement {
	case "", tenancy.EnforceRLS, tenancy.EnforcePredicate, tenancy.EnforceBoth:
		return nil
	}
	return fmt.Errorf("--enforcement %s: use rls, predicate or both", c.enforcement)
}

// paths makes file arguments absolute and refuses those that do not exist.
func (c *check) paths(args []string) ([]string, error) {
	paths := make([]string, len(args))
	for i, arg := range args {
		paths[i] = arg
		if !filepath.IsAbs(arg) {
			paths[i] = filepath.Join(c.dir, arg)
		}
		if _, err := os.Stat(paths[i]); err != nil {
			return nil, fmt.Errorf("%s: no such file or folder", arg)
		}
	}
	return paths, nil
}
