package tenancy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Discovery is the SQL of a repository, grouped into databases.
type Discovery struct {
	Databases []DiscoveredDatabase
	// Skipped says which SQL was left out, and why.
	Skipped []finding.Skipped
}

// DiscoveredDatabase is the SQL that belongs to one database.
type DiscoveredDatabase struct {
	// Name is the folder of the schema, or the file, relative to the root.
	Name       string
	Migrations []Source
	Queries    []Source
}

// maxEntries bounds the walk; the largest public monorepos have a tenth of it.
const maxEntries = 2_000_000

// Discover looks for SQL in a repository: sqlc configurations, folders of migrations, schema dumps
// and query files. What describes another database than PostgreSQL is left out and said so.
func Discover(root string) *Discovery {
	d := &discovery{root: root, files: map[string]*sqlFile{}, goMigrations: map[string]bool{}, atlas: map[string]bool{}}
	d.walk()
	d.order = InOrder(slices.Collect(maps.Keys(d.files)))
	for _, config := range d.configs {
		d.sqlc(config)
	}
	d.folders()
	d.dropForeign()
	d.dropCopies()
	d.joinContinuations()
	d.looseQueries()
	return d.result()
}

type discovery struct {
	root string
	// files are the SQL files that are not part of a down migration, by absolute path.
	files map[string]*sqlFile
	// configs are the sqlc configurations.
	configs []string
	// goMigrations and atlas are the folders with migrations in Go and with an atlas.sum.
	goMigrations, atlas map[string]bool

	schemas []*schemaSet
	queries []*querySet
	skipped []finding.Skipped
	// order are the paths of files in the order in which migration tools apply them.
	order []string
}

func (d *discovery) skip(what, reason string, broken bool) {
	d.skipped = append(d.skipped, finding.Skipped{What: what, Reason: reason, Broken: broken})
}

// rel writes a path relative to the root, with slashes.
func (d *discovery) rel(path string) string {
	if r, err := filepath.Rel(d.root, path); err == nil {
		return filepath.ToSlash(r)
	}
	return path
}

var errTooMany = errors.New("too many files")

// walk collects the files of the repository. It does not enter foreign folders, testdata, links, nor
// a folder with a model file of its own.
func (d *discovery) walk() {
	entries := 0
	err := filepath.WalkDir(d.root, func(path string, entry fs.DirEntry, err error) error {
		if entries++; entries > maxEntries {
			return errTooMany
		}
		switch {
		case err != nil:
			d.skip(d.rel(path), "cannot be read: "+err.Error(), true)
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir():
			if path != d.root && (foreignFolder(entry.Name()) || entry.Name() == "testdata") {
				return fs.SkipDir
			}
		case slices.Contains(fileNames, entry.Name()) && filepath.Dir(path) != d.root:
			d.skip(d.rel(filepath.Dir(path)), "has a "+entry.Name()+" of its own; run tenantvet there", false)
			return fs.SkipDir
		default:
			d.file(path)
		}
		return nil
	})
	if errors.Is(err, errTooMany) {
		d.skip(d.root, fmt.Sprintf("more than %d files; name the SQL under migrations in %s", maxEntries, FileName), true)
	}
}

func (d *discovery) file(path string) {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	switch {
	case name == "sqlc.yaml" || name == "sqlc.yml" || name == "sqlc.json":
		d.configs = append(d.configs, path)
	case name == "atlas.sum":
		d.atlas[dir] = true
	case filepath.Ext(name) == ".go":
		if digits(name) > 0 && !strings.HasSuffix(name, "_test.go") {
			d.goMigrations[dir] = true
		}
	case isSQL(name) && !isDown(path) && !isFolder(path):
		text, err := ReadSQL(path)
		if err != nil {
			d.skip(d.rel(path), "cannot be read: "+err.Error(), true)
			return
		}
		d.files[path] = sniff(path, text)
	}
}

// result writes down what was found.
func (d *discovery) result() *Discovery {
	found := &Discovery{}
	byDatabase := map[*schemaSet]int{}
	for _, s := range d.schemas {
		byDatabase[s] = len(found.Databases)
		found.Databases = append(found.Databases, DiscoveredDatabase{Name: s.name, Migrations: d.sources(s.dir, s.files)})
	}
	for _, q := range d.queries {
		s := d.databaseOf(q)
		if s == nil {
			d.skip(q.name, "its queries read no table of a known schema", false)
			continue
		}
		db := &found.Databases[byDatabase[s]]
		db.Queries = append(db.Queries, d.sources(q.dir, q.files)...)
	}
	found.Skipped = d.skipped
	return found
}

// sources writes files as sources: folders where they name exactly these files, else file by file.
func (d *discovery) sources(dir string, files []*sqlFile) []Source {
	if d.fills(dir, files) {
		return []Source{d.source(dir, files)}
	}
	var sources []Source
	for len(files) > 0 {
		dir, n := filepath.Dir(files[0].path), 1
		for n < len(files) && filepath.Dir(files[n].path) == dir {
			n++
		}
		if d.fills(dir, files[:n]) {
			sources = append(sources, d.source(dir, files[:n]))
		} else {
			for _, f := range files[:n] {
				sources = append(sources, d.source(f.path, []*sqlFile{f}))
			}
		}
		files = files[n:]
	}
	return sources
}

func (d *discovery) source(path string, files []*sqlFile) Source {
	return Source{Glob: d.rel(path), Format: commonFormat(files), Files: paths(files)}
}

// fills reports whether the files are exactly those of a folder below the root, in the same order.
func (d *discovery) fills(dir string, files []*sqlFile) bool {
	if dir == d.root {
		return false
	}
	i := 0
	for _, path := range d.order {
		if !strings.HasPrefix(path, dir+string(filepath.Separator)) {
			continue
		}
		if i == len(files) || files[i].path != path {
			return false
		}
		i++
	}
	return i == len(files)
}

func paths(files []*sqlFile) []string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.path
	}
	return list
}

// commonFormat is the format of all files; Auto, which is decided file by file, when they differ.
func commonFormat(files []*sqlFile) Format {
	for _, f := range files {
		if f.format != files[0].format {
			return Auto
		}
	}
	return files[0].format
}
