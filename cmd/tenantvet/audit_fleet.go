package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/tenancy"
)

// fleetFlags say which fleet is audited, and which part of it.
type fleetFlags struct{ file, shard string }

func (f *fleetFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "fleet", "", "audit the databases that `FILE` lists, and what differs between them")
	cmd.Flags().StringVar(&f.shard, "shard", "", "with --fleet only the `I/N`-th part of the databases; tenantvet report merge puts the parts together")
}

func (f *fleetFlags) wanted() bool { return f.file != "" || f.shard != "" }

// readFleet completes the flags, and reads the fleet file and the tenancy model.
func (c *check) readFleet(flags fleetFlags, dsn string, o livecheck.Options) (*tenancy.Fleet, fleet.Options, error) {
	options := fleet.Options{Audit: o}
	if err := c.complete(); err != nil {
		return nil, options, err
	}
	switch {
	case flags.file == "":
		return nil, options, errors.New("--shard is a part of a fleet: name its file with --fleet")
	case dsn != "":
		return nil, options, errors.New("--fleet lists the databases: leave the DSN away")
	case c.changedSince != "":
		return nil, options, errors.New("--changed-since has no meaning for a running database")
	}
	var err error
	if flags.shard != "" {
		if options.Shard, err = fleet.ParseShard(flags.shard); err != nil {
			return nil, options, fmt.Errorf("--shard: %w", err)
		}
	}
	options.Audit.Dir = c.dir
	if options.Audit.Model, err = project.LoadModel(c.dir, c.model); err != nil {
		return nil, options, err
	}
	path := flags.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, path)
	}
	file, err := tenancy.LoadFleet(path, os.LookupEnv)
	return file, options, c.shortPaths(err)
}

// auditFleet audits the databases of a fleet file.
func (c *check) auditFleet(cmd *cobra.Command, flags fleetFlags, dsn string, o livecheck.Options) error {
	if _, err := report.ParseFormat(c.format); err != nil {
		return err // before anything takes long
	}
	file, options, err := c.readFleet(flags, dsn, o)
	if err != nil {
		return err
	}
	progress := newProgress(cmd.ErrOrStderr())
	options.Audit.Progress = progress.step
	audited, err := fleet.Run(cmd.Context(), file, options)
	progress.end()
	if err != nil {
		return err
	}
	root := c.dir
	if model := options.Audit.Model; model.Root != "" {
		root = model.Root
	}
	report.Localize(&audited.Whole, root, c.dir)
	for _, db := range audited.Databases {
		report.Localize(&db.Result, root, c.dir)
	}
	return c.finishFleet(cmd, audited)
}

// shortPaths shortens the path of the errors of a fleet file.
func (c *check) shortPaths(err error) error {
	var errs tenancy.Errors
	if !errors.As(err, &errs) {
		return err
	}
	for _, e := range errs {
		if path, err := filepath.Rel(c.dir, e.File); err == nil {
			e.File = path
		}
	}
	return errs
}

// finishFleet writes the report of a fleet.
func (c *check) finishFleet(cmd *cobra.Command, audited *fleet.Fleet) error {
	result := audited.Conclude(false)
	coverage := report.Coverage{Databases: len(audited.Databases)}
	for _, db := range audited.Databases {
		coverage.Tables += db.Tables
		coverage.TenantTables += db.TenantTables
		if db.Audit != nil {
			coverage.Executed += len(db.Audit.Statements)
		}
	}
	c.audits, c.fleet = audited.Audits(), audited
	return c.finish(cmd, &project.Project{Model: &tenancy.Model{}}, &result, coverage)
}
