package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/tenancy"
)

func newAudit() *cobra.Command {
	var c check
	var o livecheck.Options
	var fleet fleetFlags
	var printRole, cost, demo, matrix bool
	cmd := &cobra.Command{
		Use:   "audit [DSN]",
		Short: "Check a running database",
		Long: `Check a running database: the schema rules on its catalog, what the role of the connection can
bypass, the statements in pg_stat_statements, each by its text and by the plan that the server makes
for it as the service's role with a tenant set, and probes: reads as that role, which ought to find
no row of another tenant. No statement of the service is run and, unless --probe-writes asks for it
in transactions that are rolled back, nothing is written. Connect as the role that --print-role makes,
or as the one that the service connects as.

The DSN is a URL or a list of key=value pairs; without one, PGHOST, PGSERVICE, PGDATABASE and the
other variables of libpq count, or else DATABASE_URL. A .env file is not read: export what it says
first. Keep the password in PGPASSWORD, ~/.pgpass or a service file: one among the
arguments stands in the list of processes, on Linux until tenantvet has overwritten it, elsewhere as
long as it runs. It is in no output and no error.`,
		Example: "  tenantvet audit --demo\n  tenantvet audit postgres://app@db.internal/app\n  PGSERVICE=production tenantvet audit\n  tenantvet audit --no-statements postgres://app@db.internal/app\n  tenantvet audit --fleet fleet.yml --format html > fleet.html",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dsn := ""
			if len(args) > 0 {
				dsn = args[0]
			}
			one := func(dsn string) error {
				switch {
				case printRole:
					return c.printRole(cmd, dsn)
				case cost:
					return c.cost(cmd, dsn, o.Statements.Tenant)
				}
				return c.audit(cmd, dsn, o, matrix || demo)
			}
			switch {
			case demo:
				return c.onDemo(cmd, dsn, one)
			case fleet.wanted() && cost:
				return c.costFleet(cmd, fleet, dsn, o.Statements.Tenant)
			case fleet.wanted():
				return c.auditFleet(cmd, fleet, dsn, o)
			}
			return one(dsnOrURL(dsn, cmd.ErrOrStderr()))
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	fleet.flags(cmd)
	probeFlags(cmd, &o.Probes)
	cmd.Flags().BoolVar(&demo, "demo", false, "audit a demo on a private PostgreSQL that ends with the command")
	cmd.Flags().BoolVar(&matrix, "matrix", false, "show for each role, relation and command whether it is isolated or leaks (all formats but text have it anyway)")
	cmd.Flags().BoolVar(&printRole, "print-role", false, "audit nothing; print the SQL that makes the least-privileged role to audit this database as")
	cmd.Flags().BoolVar(&cost, "cost", false, "print what each tenant takes of the database, or of those of --fleet, as far as statistics know (--format text, csv or json)")
	cmd.Flags().BoolVar(&o.Statements.Off, "no-statements", false, "do not judge what the database executed: the audit is then whole without pg_stat_statements")
	cmd.Flags().BoolVar(&o.Statements.AllowSuperuser, "allow-superuser", false, "plan statements and probe on a superuser's connection too: both may call functions with its rights")
	cmd.Flags().StringVar(&o.Statements.Tenant, "tenant", "", "tenant `ID` to plan statements for instead of one that does not exist; with --cost the one to account for")
	_ = cmd.Flags().MarkHidden("changed-since") // a flag of all reports, and refused here
	cmd.MarkFlagsMutuallyExclusive("demo", "fleet")
	cmd.MarkFlagsMutuallyExclusive("print-role", "cost")
	cmd.MarkFlagsMutuallyExclusive("print-role", "fleet")
	return cmd
}

func (c *check) audit(cmd *cobra.Command, dsn string, o livecheck.Options, matrix bool) error {
	if c.changedSince != "" {
		return errors.New("--changed-since has no meaning for a running database")
	}
	if _, err := report.ParseFormat(c.format); err != nil {
		return err // before anything takes long
	}
	ctx := cmd.Context()
	model, conn, err := c.connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	progress := newProgress(cmd.ErrOrStderr())
	o.Dir, o.Model, o.Progress = c.dir, model, progress.step
	audit, err := livecheck.Run(ctx, conn, o)
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
	err = c.finish(cmd, p, &audit.Result, report.CoverAudits(c.audits))
	if audit.Partial != "" && (err == nil || errors.Is(err, errFailing)) {
		return errUnfinished // what was not looked at may hold more
	}
	return err
}

// connect completes the flags, reads the tenancy model, and opens the connection that the caller closes.
func (c *check) connect(ctx context.Context, dsn string) (*tenancy.Model, *pgx.Conn, error) {
	if err := c.complete(); err != nil {
		return nil, nil, err
	}
	model, err := project.LoadModel(c.dir, c.model)
	if err != nil {
		return nil, nil, err
	}
	conn, err := livecheck.Connect(ctx, dsn)
	return model, conn, err
}
