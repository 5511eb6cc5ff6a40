package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
)

func newAudit() *cobra.Command {
	var c check
	var o livecheck.StatementOptions
	var fleet fleetFlags
	var printRole, cost, demo, matrix bool
	cmd := &cobra.Command{
		Use:   "audit [DSN]",
		Short: "Check a running database",
		Long: `Check a running database: the schema rules on its catalog, what the role of the connection can
bypass, and the statements in pg_stat_statements, each by its text and by the plan that the server
makes for it as the service's role with a tenant set. Nothing is written and no statement is run.
Connect as the role that the service connects as, or as one that may SET ROLE to it.

The DSN is a URL or a list of key=value pairs; without one, PGHOST, PGDATABASE, PGUSER and the
other variables of libpq count, as does a password file, which keeps passwords off the command
line.`,
		Example: "  tenantvet audit --demo\n  tenantvet audit postgres://app@db.internal/app\n  PGSERVICE=production tenantvet audit\n  tenantvet audit --fleet fleet.yml --format html > fleet.html",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dsn := ""
			if len(args) > 0 {
				dsn = args[0]
			}
			switch {
			case demo:
				return c.auditDemo(cmd, dsn, o)
			case fleet.wanted():
				return c.auditFleet(cmd, fleet, dsn, livecheck.Options{Statements: o})
			case printRole:
				return c.printRole(cmd, dsn)
			case cost:
				return c.cost(cmd, dsn, o.Tenant)
			}
			return c.audit(cmd, dsn, o, matrix)
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	fleet.flags(cmd)
	cmd.Flags().BoolVar(&demo, "demo", false, "audit a demo on a private PostgreSQL that ends with the command")
	cmd.Flags().BoolVar(&matrix, "matrix", false, "show for each role, relation and command whether it is isolated or leaks (all formats but text have it anyway)")
	cmd.Flags().BoolVar(&printRole, "print-role", false, "audit nothing; print the SQL that makes the least-privileged role to audit this database as")
	cmd.Flags().BoolVar(&cost, "cost", false, "print what each tenant takes of the database, as far as its statistics know (--format text, csv or json)")
	cmd.Flags().BoolVar(&o.AllowSuperuser, "allow-superuser", false, "plan statements on a superuser's connection too: planning may call functions with its rights")
	cmd.Flags().StringVar(&o.Tenant, "tenant", "", "tenant `ID` to plan statements for instead of one that does not exist; with --cost the one to account for")
	return cmd
}

func (c *check) audit(cmd *cobra.Command, dsn string, o livecheck.StatementOptions, matrix bool) error {
	if err := c.complete(); err != nil {
		return err
	}
	if c.changedSince != "" {
		return errors.New("--changed-since has no meaning for a running database")
	}
	model, err := project.LoadModel(c.dir, c.model)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	conn, err := livecheck.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	progress := newProgress(cmd.ErrOrStderr())
	audit, err := livecheck.Run(ctx, conn, livecheck.Options{Dir: c.dir, Model: model, Statements: o, Progress: progress.step})
	progress.end()
	if err != nil {
		return err
	}
	c.audits = []*livecheck.Audit{audit}
	if matrix {
		c.matrix = audit.Matrix
	}
	db := &project.Database{Schema: audit.Schema, Classes: audit.Classes, Model: audit.Model}
	p := &project.Project{Model: db.Model, Databases: []*project.Database{db}}
	return c.finish(cmd, p, &audit.Result, report.CoverAudits(c.audits))
}
