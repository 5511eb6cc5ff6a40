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
)

// connectTimeout bounds a connection attempt whose DSN does not say connect_timeout.
const connectTimeout = 10 * time.Second

func newAudit() *cobra.Command {
	var c check
	cmd := &cobra.Command{
		Use:   "audit [DSN]",
		Short: "Check a running database",
		Long: `Check a running database: the schema rules on its catalog, and what the role of the connection
can bypass. Nothing is written. Connect as the role that the service connects as.

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
			return c.audit(cmd, dsn)
		},
	}
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	return cmd
}

func (c *check) audit(cmd *cobra.Command, dsn string) error {
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
