package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// against compares the schema of a project with another source: a running database, or files.
func (c *check) against(ctx context.Context, source string, s shadowed, p *project.Project, args []string) (finding.Result, error) {
	if len(p.Databases) != 1 {
		return finding.Result{}, fmt.Errorf("--against compares one schema, and %d are found: name the migrations of one", len(p.Databases))
	}
	ours := schemacheck.Source{Name: "the migrations", Schema: p.Databases[0].Schema}
	if len(args) > 0 {
		ours.Name = strings.Join(args, " ")
	}
	read := c.readFiles
	if isDSN(source) {
		read = c.readLive
	}
	var result finding.Result
	theirs, err := read(ctx, source, s)
	if err != nil {
		return result, fmt.Errorf("--against: %w", err)
	}
	result.Undecided = append(result.Undecided, theirs.Schema.Undecided...)
	result.Skipped = append(result.Skipped, theirs.Schema.Skipped...)
	result.Add(schemacheck.Between([]schemacheck.Source{ours, theirs}, s.wanted()))
	return result, nil
}

// isDSN tells a connection string from a path.
func isDSN(source string) bool {
	return strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://") || strings.Contains(source, "=")
}

func (c *check) readLive(ctx context.Context, dsn string, _ shadowed) (schemacheck.Source, error) {
	name, _, err := livecheck.Target(dsn)
	if err != nil {
		return schemacheck.Source{}, err
	}
	conn, err := livecheck.Connect(ctx, dsn)
	if err != nil {
		return schemacheck.Source{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	schema, err := catalog.Read(ctx, conn)
	return schemacheck.Source{Name: name, Schema: schema}, err
}

// readFiles builds the schema of other files as the project's own is built.
func (c *check) readFiles(ctx context.Context, path string, s shadowed) (schemacheck.Source, error) {
	source := schemacheck.Source{Name: path}
	paths, err := c.paths([]string{path})
	if err != nil {
		return source, err
	}
	options := c.model
	options.Schema = paths
	other, err := project.Load(c.dir, options)
	if err != nil {
		return source, err
	}
	if s.wanted() {
		if err := c.onShadow(ctx, s, other); err != nil {
			return source, err
		}
	}
	source.Schema = other.Databases[0].Schema
	return source, nil
}

// ofOneTemplate compares the databases of a project whose model says that each is one tenant's, or one of
// several alike.
func ofOneTemplate(p *project.Project) finding.Result {
	if len(p.Databases) < 2 || p.Model.IsInferred("pattern") ||
		!slices.Contains([]tenancy.Pattern{tenancy.DatabasePerTenant, tenancy.Hybrid}, p.Model.Pattern) {
		return finding.Result{}
	}
	var sources []schemacheck.Source
	for _, db := range p.Databases {
		sources = append(sources, schemacheck.Source{Name: db.Name, Schema: db.Schema})
	}
	return schemacheck.Alike(sources)
}
