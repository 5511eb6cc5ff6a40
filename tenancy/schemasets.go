package tenancy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// schemaSet is a group of files that together describe one database.
type schemaSet struct {
	name, dir string
	files     []*sqlFile
	creates   map[string]bool
	alters    map[string]bool // not those it creates
	// sqlc says that a configuration of sqlc names the set as schema, migrations that it follows the
	// convention of a migration tool, goCode that part of the migrations is written in Go.
	sqlc, migrations, goCode bool
	// replaced is the set that describes the same database and is used instead.
	replaced *schemaSet
}

func (d *discovery) newSchemaSet(dir string, files []*sqlFile) *schemaSet {
	s := &schemaSet{name: d.rel(dir), dir: dir, files: files, goCode: d.goMigrations[dir]}
	s.migrations = d.atlas[dir] || isMigrations(dir, files)
	if len(files) == 1 && !s.migrations || dir == d.root {
		s.name = d.rel(files[0].path)
	}
	if d.atlas[dir] {
		for _, f := range files {
			if f.format == Plain {
				f.format = Atlas
			}
		}
	}
	s.index()
	return s
}

// index collects the names of tables of all files.
func (s *schemaSet) index() {
	s.creates, s.alters = map[string]bool{}, map[string]bool{}
	for _, f := range s.files {
		for name := range f.creates {
			s.creates[name] = true
		}
		for name := range f.alters {
			s.alters[name] = true
		}
	}
	for name := range s.creates {
		delete(s.alters, name)
	}
}

// isMigrations reports whether files look like migrations: most of them follow a tool's convention,
// or are numbered, or the folder says so.
func isMigrations(dir string, files []*sqlFile) bool {
	n := 0
	for _, f := range files {
		if (f.format != Plain && f.format != PgDump) || versionedName.MatchString(filepath.Base(f.path)) {
			n++
		}
	}
	return 2*n > len(files) || strings.HasPrefix(strings.ToLower(filepath.Base(dir)), "migration")
}

// folders makes a set of each folder with files that change tables and that sqlc does not name.
func (d *discovery) folders() {
	claimed := map[*sqlFile]bool{}
	for _, s := range d.schemas {
		for _, f := range s.files {
			claimed[f] = true
		}
	}
	byDir := map[string][]*sqlFile{}
	var dirs []string
	for _, path := range d.order {
		f := d.files[path]
		dir := filepath.Dir(path)
		if name := filepath.Base(path); name == "migration.sql" || name == "up.sql" {
			dir = filepath.Dir(dir) // one folder per migration, as Prisma and Diesel write them
		}
		if f.query || claimed[f] {
			continue
		}
		if byDir[dir] == nil {
			dirs = append(dirs, dir)
		}
		byDir[dir] = append(byDir[dir], f)
	}
	for _, dir := range dirs {
		files := byDir[dir]
		if !slices.ContainsFunc(files, (*sqlFile).ddl) {
			continue
		}
		if !isMigrations(dir, files) {
			files = inDependencyOrder(files)
		}
		set := d.newSchemaSet(dir, files)
		if !set.migrations && len(set.creates) == 0 {
			continue
		}
		if aside := d.aside(dir, set.migrations); aside != "" {
			d.skip(fmt.Sprintf("%s (%s)", set.name, count(len(files), "SQL file")),
				fmt.Sprintf("in a folder named %s; name it under migrations in %s if it is part of the schema", aside, FileName), false)
			continue
		}
		d.schemas = append(d.schemas, set)
	}
}

// inDependencyOrder puts files that create tables before those that change or reference them. It
// serves folders in which names do not tell the order; files that do not depend on each other keep
// theirs.
func inDependencyOrder(files []*sqlFile) []*sqlFile {
	creator := map[string]*sqlFile{}
	for _, f := range files {
		for name := range f.creates {
			creator[name] = f
		}
	}
	var ordered []*sqlFile
	seen := map[*sqlFile]bool{}
	var place func(f *sqlFile)
	place = func(f *sqlFile) {
		if seen[f] {
			return
		}
		seen[f] = true
		needed := map[*sqlFile]bool{}
		for name := range f.alters {
			needed[creator[name]] = true
		}
		for _, other := range files {
			if needed[other] {
				place(other)
			}
		}
		ordered = append(ordered, f)
	}
	for _, f := range files {
		place(f)
	}
	return ordered
}

// Names of folders whose SQL is not the schema of the application. In the second group migrations
// are, but scripts are not.
var (
	asideNames = []string{"test", "tests", "testing", "e2e", "fixture", "fixtures", "seed", "seeds", "archive", "archived",
		"legacy", "deprecated", "backup", "backups", "bench", "benchmark", "benchmarks", "doc", "docs"}
	scriptNames = []string{"deploy", "deployment", "deployments", "docker", "docker-compose", "compose", "charts", "helm", "k8s",
		"example", "examples", "demo", "demos", "sample", "samples", "script", "scripts", "tool", "tools", "dev", "hack"}
)

// aside returns the first folder on the way from the root that says that its SQL is not the schema.
func (d *discovery) aside(dir string, migrations bool) string {
	for _, segment := range strings.Split(d.rel(dir), "/") {
		name := strings.ToLower(segment)
		if slices.Contains(asideNames, name) || !migrations && slices.Contains(scriptNames, name) {
			return segment
		}
	}
	return ""
}

// dropCopies leaves out the sets that describe the same tables as another one.
func (d *discovery) dropCopies() {
	for _, a := range d.schemas {
		for _, b := range d.schemas {
			if a != b && a.replaced == nil && b.replaced == nil && b.better(a) {
				a.replaced = b
				d.skip(fmt.Sprintf("%s (%s)", a.name, count(len(a.files), "SQL file")), "describes the same tables as "+b.name+", which is used", false)
			}
		}
	}
	d.dropReplaced()
}

func (d *discovery) dropReplaced() {
	d.schemas = slices.DeleteFunc(d.schemas, func(s *schemaSet) bool { return s.replaced != nil })
}

// better reports whether s describes the tables of other and is the better source of the two:
// migrations know more than a dump, unless part of them is Go code; what sqlc names is what the
// queries were written against; else the larger one.
func (s *schemaSet) better(other *schemaSet) bool {
	same := 0
	for name := range other.creates {
		if s.creates[name] {
			same++
		}
	}
	fewer := min(len(s.creates), len(other.creates))
	if same == 0 || 2*same < fewer || s.migrations && other.migrations && !s.sqlc {
		return false
	}
	if s.migrations != other.migrations {
		migrations := s
		if other.migrations {
			migrations = other
		}
		return (migrations == s) != (migrations.goCode && 2*same >= len(migrations.creates))
	}
	if s.sqlc != other.sqlc {
		return s.sqlc
	}
	return len(s.creates) > len(other.creates) || len(s.creates) == len(other.creates) && s.name < other.name
}

// joinContinuations appends to a set the one that goes on with it: migrations that change tables
// which they do not create and the other does.
func (d *discovery) joinContinuations() {
	for _, next := range d.schemas {
		var first *schemaSet
		best := len(next.alters) / 2
		for _, s := range d.schemas {
			if s == next || s.replaced != nil || next.replaced != nil {
				continue
			}
			n := 0
			for name := range next.alters {
				if s.creates[name] {
					n++
				}
			}
			if n > best {
				first, best = s, n
			}
		}
		if first != nil {
			first.files = append(first.files, next.files...)
			first.index()
			next.replaced = first
		}
	}
	d.dropReplaced()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
