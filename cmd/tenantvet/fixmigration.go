package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/mend"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// fixMigration writes the migration that mends what is found in the migrations of a project, and adds
// a note about it to the result. It never overwrites a file.
func (c *check) fixMigration(path string, p *project.Project, result *finding.Result) error {
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, path)
	}
	if _, err := os.Lstat(path); err == nil {
		return overwrites(path)
	}
	db, err := mendedDatabase(p)
	if err != nil {
		return err
	}
	files, err := migrationFiles(db)
	if err != nil {
		return err
	}
	m := c.buildMigration(path, p, db, files)
	if m.Text == "" {
		result.Notes = append(result.Notes, "--fix-migration: no finding has SQL that mends it, so no file is written")
		return nil
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return overwrites(path)
	} else if err != nil {
		return fmt.Errorf("--fix-migration: %w", err)
	}
	_, err = out.WriteString(m.Text)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("--fix-migration: %w", err)
	}
	note := fmt.Sprintf("--fix-migration: %s mends %d findings; %d have no SQL and are listed at its end", c.relative(path), m.Mended, len(m.Unmended))
	if len(m.Left) > 0 {
		note += fmt.Sprintf("; %d are still there after it", len(m.Left))
	}
	result.Notes = append(result.Notes, note)
	return nil
}

func overwrites(path string) error {
	return fmt.Errorf("--fix-migration %s: the file exists already: name a new one", path)
}

// mendedDatabase returns the one database that a migration is for.
func mendedDatabase(p *project.Project) (*project.Database, error) {
	switch len(p.Databases) {
	case 0:
		return nil, errors.New("--fix-migration: no migrations are named or found: name files or folders")
	case 1:
		return p.Databases[0], nil
	}
	return nil, fmt.Errorf("--fix-migration: there are %d databases: name the migrations of one, such as %s", len(p.Databases), p.Databases[0].Name)
}

// buildMigration checks the schema with each draft of the migration applied after the files.
func (c *check) buildMigration(path string, p *project.Project, db *project.Database, files []replay.File) *mend.Migration {
	opts := replay.Options{PGVersion: db.Model.PGVersion}
	if len(db.Model.Roles.Owner) > 0 {
		opts.Owner = db.Model.Roles.Owner[0]
	}
	format := migrationFormat(files)
	return mend.Build(c.relative(path), func(draft string) finding.Result {
		all := append(files[:len(files):len(files)], replay.File{Name: path, Text: draft, Format: format})
		schema := replay.Replay(all, opts)
		found := schemacheck.Check(schema, classify.Of(schema, db.Model), db.Model)
		suppressSQL(p, &found, func(finding.Rule) bool { return false })
		for i := range found.Findings {
			found.Findings[i].File = c.relative(found.Findings[i].File)
		}
		return found
	}, format)
}

// relative writes a path relative to the folder of the command.
func (c *check) relative(path string) string {
	if rel, err := filepath.Rel(c.dir, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// migrationFormat is the convention of the newest migration; plain SQL where there is none.
func migrationFormat(files []replay.File) tenancy.Format {
	if n := len(files); n > 0 {
		return replay.UpPart(files[n-1]).Format
	}
	return tenancy.Plain
}
