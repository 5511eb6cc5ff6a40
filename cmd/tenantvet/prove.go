package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/shadow"
)

func newProve() *cobra.Command {
	var c check
	var s shadowed
	var dsn string
	cmd := &cobra.Command{
		Use:   "prove [files|folders...]",
		Short: "Try on a real server whether one tenant reaches another",
		Long: `Try on a real server whether one tenant reaches another.

The migrations are applied to a throw-away PostgreSQL server. Two tenants' rows are made in every
table; then, as the role of the service and in transactions that are rolled back, every way to read
or write the other tenant's rows is tried. The answer is a matrix of relations and commands: proved,
refuted (with the statements that crossed), vacuous (the tenant does not reach its own rows either),
or not tried (with the reason). The witnesses of the static verdict are run as well. Each role that the
service connects as is tried, in a database of its own.

With --dsn the schema is that of an existing database, which is copied first and not changed. Nobody
may be connected to it, and the user must be superuser.

Exit codes: 0 nothing crossed, 1 something did, 2 the work could not be done.`,
		Example: "  tenantvet prove db/migrations --app-role app\n  tenantvet prove --dsn postgres://postgres@localhost/scratch --app-role app",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.prove(cmd, args, s, dsn)
		},
	}
	c.modelFlags(cmd)
	cmd.Flags().StringVar(&c.format, "format", string(report.Text), "output `FORMAT`: text or json")
	cmd.Flags().StringVar(&s.dsn, "shadow-dsn", "", "apply the migrations in a scratch database on the server of this `DSN`")
	cmd.Flags().StringVar(&dsn, "dsn", "", "prove a copy of the database of this `DSN` instead of migrations")
	return cmd
}

func (c *check) prove(cmd *cobra.Command, args []string, s shadowed, dsn string) (err error) {
	if err := c.complete(); err != nil {
		return err
	}
	if c.format != string(report.Text) && c.format != string(report.JSON) {
		return fmt.Errorf("--format %s: use text or json", c.format)
	}
	if dsn != "" && (len(args) > 0 || s.dsn != "") {
		return errors.New("--dsn proves a database as it is: give neither files nor --shadow-dsn with it")
	}
	open := func() (*project.Database, *shadow.Database, error) {
		if dsn != "" {
			return c.copied(cmd.Context(), dsn)
		}
		return c.migrated(cmd.Context(), args, s)
	}
	refuted := false
	for k, more := 0, true; more; k++ {
		var r *prove.Report
		if r, more, err = proveRole(cmd.Context(), open, k); err != nil {
			return err
		}
		refuted = refuted || r.Verdict() == prove.Refuted
		write := r.WriteText
		if c.format == string(report.JSON) {
			write = r.WriteJSON
		}
		if err := write(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	if refuted {
		return errFailing
	}
	return nil
}

// proveRole proves a database, which is made anew as the rows of a run stay in it, for one of the roles that the service
// connects as, and reports whether there are more.
func proveRole(ctx context.Context, open func() (*project.Database, *shadow.Database, error), k int) (r *prove.Report, more bool, err error) {
	db, built, err := open()
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, built.Close()) }()
	role, roles := "", db.Model.Roles.App
	if k < len(roles) {
		role = roles[k]
	}
	claims := prove.Claims(schemacheck.Judge(db.Schema, db.Classes, db.Model), role)
	r, err = prove.Run(ctx, prove.Database{Session: built.Session, Schema: db.Schema, Classes: db.Classes, Model: db.Model, Role: role, Claims: claims})
	if err != nil {
		return nil, false, err
	}
	r.Notes = append(built.Result.Notes, r.Notes...)
	for _, u := range built.Result.Undecided {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %s", u.Position, u.Reason))
	}
	return r, k+1 < len(roles), nil
}

// migrated builds the database of the migrations on a shadow server: the one with the most tables if
// there are several.
func (c *check) migrated(ctx context.Context, args []string, s shadowed) (db *project.Database, built *shadow.Database, err error) {
	if c.model.Schema, err = c.paths(args); err != nil {
		return nil, nil, err
	}
	c.model.SkipQueries = true
	p, err := project.Load(c.dir, c.model)
	if err != nil {
		return nil, nil, err
	}
	for _, other := range p.Databases {
		if db == nil || len(other.Classes.Tables()) > len(db.Classes.Tables()) {
			db = other
		}
	}
	if db == nil {
		return nil, nil, errors.New("no migrations are named or found: name files or folders, or a database with --dsn")
	}
	built, err = c.openShadow(ctx, s, db)
	return db, built, err
}

// copied copies a database.
func (c *check) copied(ctx context.Context, dsn string) (*project.Database, *shadow.Database, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, nil, errors.New("the DSN is neither a postgres:// URL nor a list of key=value pairs, or one of its values is invalid")
	}
	built, err := shadow.Open(ctx, shadow.Options{DSN: dsn, Template: config.Database})
	if err != nil {
		return nil, nil, err
	}
	schema, err := built.Read(ctx, nil)
	if err == nil {
		var db *project.Database
		if db, err = project.Live(c.dir, c.model, schema); err == nil {
			return db, built, nil
		}
	}
	return nil, nil, errors.Join(err, built.Close())
}
