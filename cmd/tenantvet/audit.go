package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// connectTimeout bounds a connection attempt whose DSN does not say connect_timeout.
const connectTimeout = 10 * time.Second

func newAudit() *cobra.Command {
	var c check
	var o livecheck.StatementOptions
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
		Example: "  tenantvet audit postgres://app@db.internal/app\n  PGSERVICE=production tenantvet audit",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dsn := ""
			if len(args) > 0 {
				dsn = args[0]
			}
			return c.audit(cmd, dsn, o)
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	cmd.Flags().BoolVar(&o.AllowSuperuser, "allow-superuser", false, "plan statements on a superuser's connection too: planning may call functions with its rights")
	cmd.Flags().StringVar(&o.Tenant, "tenant", "", "tenant `ID` to plan statements for instead of one that does not exist")
	return cmd
}

func (c *check) audit(cmd *cobra.Command, dsn string, o livecheck.StatementOptions) error {
	if err := c.complete(); err != nil {
		return err
	}
	if c.changedSince != "" {
		return errors.New("--changed-since has no meaning for a running database")
	}
	ctx := cmd.Context()
	conn, err := connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	workload, err := livecheck.ReadWorkload(ctx, conn) // before the audit's own statements displace an entry
	if err != nil {
		return fmt.Errorf("reading pg_stat_statements: %w", err)
	}
	schema, err := catalog.Read(ctx, conn)
	if err != nil {
		return fmt.Errorf("reading the catalog: %w", err)
	}
	db, err := project.Live(c.dir, c.model, schema)
	if err != nil {
		return err
	}
	p := &project.Project{Model: db.Model, Databases: []*project.Database{db}}
	result := finding.Result{Undecided: schema.Undecided, Skipped: schema.Skipped}
	result.Add(schemacheck.Check(schema, db.Classes, db.Model))
	live, err := livecheck.Check(ctx, conn, db.Classes, db.Model)
	if err != nil {
		return err
	}
	result.Add(live)
	statements, err := livecheck.Statements(ctx, conn,
		&sqlcheck.Database{Schema: schema, Classes: db.Classes, Model: db.Model}, workload, o)
	if err != nil {
		return fmt.Errorf("judging the executed statements: %w", err)
	}
	result.Add(statements)
	return c.finish(cmd, p, &result, cover(p))
}

// connect opens a connection. Errors name host, user and database, never the password.
func connect(ctx context.Context, dsn string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		var parse *pgconn.ParseConfigError
		if errors.As(err, &parse) {
			// The error repeats the DSN; what is redacted in it depends on how it is broken.
			return nil, errors.New("the DSN is neither a postgres:// URL nor a list of key=value pairs, or one of its values is invalid")
		}
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("cannot audit: %w", err)
	}
	return conn, nil
}
