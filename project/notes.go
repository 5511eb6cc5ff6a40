package project

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// notes says in one line per database what was inferred.
func (p *Project) notes(sources []tenancy.DiscoveredDatabase) {
	if len(p.Databases) == 0 {
		p.Result.Notes = append(p.Result.Notes, fmt.Sprintf(
			"no SQL schema found under %s: name the migrations in %s", p.Model.Root, tenancy.FileName))
		return
	}
	for i, db := range p.Databases {
		if note := db.note(sources[i]); note != "" {
			p.Result.Notes = append(p.Result.Notes, note)
		}
	}
}

// note says what was inferred for one database; "" when the file says everything that matters.
func (db *Database) note(source tenancy.DiscoveredDatabase) string {
	m := db.Model
	start := "no " + tenancy.FileName
	if m.File != "" {
		start = "not in " + filepath.Base(m.File)
	}
	var parts []string
	if where := apart(db); where != "" {
		parts = append(parts, where)
	}
	switch {
	case !m.IsInferred("tenant.columns"), len(m.Columns) == 0 && len(parts) > 0:
	case len(m.Columns) == 0:
		parts = append(parts, fmt.Sprintf("no tenant column among %d tables, so none is checked", db.tables()))
	default:
		parts = append(parts, fmt.Sprintf("tenant column %s (%d of %d tables)",
			strings.Join(m.Columns, ", "), db.Count(classify.Tenant), db.tables()))
	}
	if len(m.Columns) > 0 {
		if m.IsInferred("enforcement") {
			parts = append(parts, "enforcement "+string(m.Enforcement))
		}
		if m.IsInferred("tenant.settings") {
			parts = append(parts, "setting "+orNone(m.Settings))
		}
	}
	if m.IsInferred("migrations") {
		parts = append(parts, "migrations "+describe(m.Root, source.Migrations))
	}
	if len(parts) == 0 {
		return ""
	}
	return start + ": " + strings.Join(parts, ", ")
}

// apart says which tables are one tenant's each by where they are, and what keeps tenants apart there; "" when
// none is.
func apart(db *Database) string {
	n := len(db.Classes.Apart(db.Schema, db.Model))
	switch {
	case n == 0:
		return ""
	case db.Model.Pattern == tenancy.DatabasePerTenant && !db.Model.IsInferred("pattern"):
		return fmt.Sprintf("%d tables belong to the tenant whose database they are in, which --against and audit --fleet compare with the others", n)
	}
	return fmt.Sprintf("%d tables belong to the tenant whose schema they are in, so that roles, search paths and functions are judged", n)
}

// tables counts the tables of all classes.
func (db *Database) tables() int {
	n := 0
	for class := classify.Unclassified; class <= classify.Registry; class++ {
		n += db.Count(class)
	}
	return n
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// describe lists sources by folder: "sql/schema (plain, 3 files)".
func describe(root string, sources []tenancy.Source) string {
	type folder struct {
		path    string
		formats []string
		files   int
	}
	var folders []*folder
	for _, s := range sources {
		path := s.Glob
		if len(s.Files) == 1 && strings.EqualFold(filepath.Ext(path), ".sql") && len(sources) > 1 {
			path = relative(root, filepath.Dir(s.Files[0]))
		}
		if len(folders) == 0 || folders[len(folders)-1].path != path {
			folders = append(folders, &folder{path: path})
		}
		last := folders[len(folders)-1]
		last.files += len(s.Files)
		format := string(s.Format)
		if s.Format == tenancy.Auto {
			format = "mixed formats"
		}
		if len(last.formats) == 0 || last.formats[len(last.formats)-1] != format {
			last.formats = append(last.formats, format)
		}
	}
	parts := make([]string, len(folders))
	for i, f := range folders {
		plural := "s"
		if f.files == 1 {
			plural = ""
		}
		parts[i] = fmt.Sprintf("%s (%s, %d file%s)", f.path, strings.Join(f.formats, "+"), f.files, plural)
	}
	return strings.Join(parts, " and ")
}
