package tenancy

import (
	"maps"
	"path/filepath"
	"strings"
)

// querySet is a group of query files that belong to the same database.
type querySet struct {
	name, dir string
	files     []*sqlFile
	uses      map[string]bool
	// schema is the set that an sqlc configuration pairs the queries with.
	schema *schemaSet
}

func newQuerySet(name string, files []*sqlFile) *querySet {
	q := &querySet{name: name, dir: filepath.Dir(files[0].path), files: files, uses: map[string]bool{}}
	for _, f := range files {
		for name := range f.uses {
			q.uses[name] = true
		}
	}
	return q
}

// looseQueries makes a set of each folder with files of named query blocks that no configuration
// names.
func (d *discovery) looseQueries() {
	claimed := map[*sqlFile]bool{}
	for _, q := range d.queries {
		for _, f := range q.files {
			claimed[f] = true
		}
	}
	byDir := map[string][]*sqlFile{}
	var dirs []string
	for _, path := range d.order {
		f, dir := d.files[path], filepath.Dir(path)
		if !f.query || claimed[f] || f.foreign > f.postgres || d.writtenFor(f) != "" || d.aside(dir, true) != "" {
			continue
		}
		if byDir[dir] == nil {
			dirs = append(dirs, dir)
		}
		byDir[dir] = append(byDir[dir], f)
	}
	for _, dir := range dirs {
		d.queries = append(d.queries, newQuerySet(d.rel(dir), byDir[dir]))
	}
}

// databaseOf returns the set whose tables a group of queries reads: the one that sqlc pairs it with,
// else the one with most of the tables; among equals the nearest in the folder tree.
func (d *discovery) databaseOf(q *querySet) *schemaSet {
	s := q.schema
	for s != nil && s.replaced != nil {
		s = s.replaced
	}
	if s != nil {
		return s
	}
	most := 0
	for _, candidate := range d.schemas {
		n := 0
		for name := range q.uses {
			if candidate.creates[name] {
				n++
			}
		}
		if n > most || n == most && n > 0 && common(candidate.dir, q.dir) > common(s.dir, q.dir) {
			s, most = candidate, n
		}
	}
	return s
}

// Reads returns the index of the database with most of the tables that query files read, or -1 when
// they read none of any; with a single database it is that one.
func Reads(databases []DiscoveredDatabase, queries Source) int {
	if len(databases) == 1 {
		return 0
	}
	uses := tables([]Source{queries}, func(f *sqlFile) map[string]bool { return f.uses })
	best, most := -1, 0
	for i, db := range databases {
		n := 0
		for name := range tables(db.Migrations, func(f *sqlFile) map[string]bool { return f.creates }) {
			if uses[name] {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// tables collects names of tables over all files of sources; what cannot be read names none.
func tables(sources []Source, of func(*sqlFile) map[string]bool) map[string]bool {
	names := map[string]bool{}
	for _, s := range sources {
		for _, path := range s.Files {
			if text, err := ReadSQL(path); err == nil {
				maps.Copy(names, of(sniff(path, text)))
			}
		}
	}
	return names
}

// common counts the folders that two paths share.
func common(a, b string) int {
	x, y := strings.Split(a, string(filepath.Separator)), strings.Split(b, string(filepath.Separator))
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}
