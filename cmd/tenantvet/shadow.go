package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/shadow"
	"github.com/tenantvet/tenantvet/tenancy"
)

// shadowed says whether and where the schema is built on a real server.
type shadowed struct {
	enabled bool
	dsn     string
}

func (s *shadowed) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.enabled, "shadow", false, "build the schema on a throw-away PostgreSQL server instead of replaying the files")
	cmd.Flags().StringVar(&s.dsn, "shadow-dsn", "", "as --shadow, in a scratch database on the server of this `DSN`")
}

func (s *shadowed) wanted() bool { return s.enabled || s.dsn != "" }

// open applies the migrations of a database on a shadow server and puts the schema that results in
// the place of the replayed one. The caller closes the shadow.
func (c *check) openShadow(ctx context.Context, s shadowed, db *project.Database) (*shadow.Database, error) {
	opts := shadow.Options{DSN: s.dsn, Version: db.Model.PGVersion, Exactly: !db.Model.IsInferred("pg_version")}
	if len(db.Model.Roles.Owner) > 0 {
		opts.Owner = db.Model.Roles.Owner[0]
	}
	built, err := shadow.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	files, err := migrationFiles(db)
	if err == nil {
		err = c.build(ctx, built, db, files)
	}
	if err == nil {
		return built, nil
	}
	var refused *shadow.Error
	if errors.As(err, &refused) {
		if path, relErr := filepath.Rel(c.dir, refused.File); relErr == nil && !strings.HasPrefix(path, "..") {
			refused.File = path
		}
		err = fmt.Errorf("%w: the shadow server refuses the statement", refused)
	}
	return nil, errors.Join(err, built.Close())
}

// build applies the files and replaces schema, classes and what was inferred.
func (c *check) build(ctx context.Context, built *shadow.Database, db *project.Database, files []replay.File) error {
	if err := built.Apply(ctx, files); err != nil {
		return err
	}
	schema, err := built.Read(ctx, files)
	if err != nil {
		return err
	}
	opts := c.model
	opts.PGVersion = built.Version
	live, err := project.Live(c.dir, opts, schema)
	if err != nil {
		return err
	}
	live.Model.Migrations, live.Model.Queries = db.Model.Migrations, db.Model.Queries
	db.Schema, db.Classes, db.Model = live.Schema, live.Classes, live.Model
	return nil
}

// migrationFiles reads the migrations of a database again, in their order.
func migrationFiles(db *project.Database) ([]replay.File, error) {
	var files []replay.File
	for _, source := range db.Model.Migrations {
		for _, path := range source.Files {
			if !slices.Contains(db.Files, path) {
				continue // it could not be read, which is said elsewhere
			}
			text, err := tenancy.ReadSQL(path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			files = append(files, replay.File{Name: path, Text: text, Format: source.Format})
		}
	}
	return files, nil
}

// onShadow builds each database of a project on a shadow server, in place of what replay found and
// could not find.
func (c *check) onShadow(ctx context.Context, s shadowed, p *project.Project) error {
	for _, db := range p.Databases {
		replayed := db.Schema
		built, err := c.openShadow(ctx, s, db)
		if err != nil {
			return err
		}
		p.Result.Skipped = slices.DeleteFunc(p.Result.Skipped, func(s finding.Skipped) bool { return slices.Contains(replayed.Skipped, s) })
		p.Result.Undecided = slices.DeleteFunc(p.Result.Undecided, func(u finding.Undecided) bool { return slices.Contains(replayed.Undecided, u) })
		p.Result.Add(built.Result)
		p.Result.Skipped = append(p.Result.Skipped, db.Schema.Skipped...)
		p.Result.Undecided = append(p.Result.Undecided, db.Schema.Undecided...)
		if err := built.Close(); err != nil {
			return err
		}
	}
	return nil
}
