package tenancy

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"
)

// sqlcConfig is the part of an sqlc configuration that says where the SQL is: version 1 calls the
// list packages, version 2 sql (docs.sqlc.dev, Configuration).
type sqlcConfig struct {
	SQL      []sqlcEntry `yaml:"sql" json:"sql"`
	Packages []sqlcEntry `yaml:"packages" json:"packages"`
}

type sqlcEntry struct {
	Engine  string   `yaml:"engine" json:"engine"`
	Schema  sqlPaths `yaml:"schema" json:"schema"`
	Queries sqlPaths `yaml:"queries" json:"queries"`
}

// sqlPaths is a path or a list of paths.
type sqlPaths []string

// UnmarshalYAML reads either form.
func (p *sqlPaths) UnmarshalYAML(unmarshal func(any) error) error {
	return p.unmarshal(unmarshal)
}

// UnmarshalJSON reads either form.
func (p *sqlPaths) UnmarshalJSON(text []byte) error {
	return p.unmarshal(func(to any) error { return json.Unmarshal(text, to) })
}

func (p *sqlPaths) unmarshal(into func(any) error) error {
	var one string
	if into(&one) == nil {
		*p = sqlPaths{one}
		return nil
	}
	return into((*[]string)(p))
}

// sqlc takes over the schemas and queries that an sqlc configuration names.
func (d *discovery) sqlc(config string) {
	entries, err := readSqlc(config)
	if err != nil {
		d.skip(d.rel(config), err.Error(), true)
		return
	}
	dir := filepath.Dir(config)
	for i, entry := range entries {
		schema, queries := d.expand(dir, entry.Schema), d.expand(dir, entry.Queries)
		name := fmt.Sprintf("%s, entry %d", d.rel(config), i+1)
		if len(entry.Queries) > 0 {
			name = d.rel(filepath.Join(dir, entry.Queries[0]))
		}
		if entry.Engine != "" && entry.Engine != "postgresql" && entry.Engine != "cockroachdb" {
			d.disown(name, append(schema, queries...), entry.Engine)
			continue
		}
		var set *schemaSet
		if len(schema) > 0 {
			set = d.sqlcSchema(schema)
		}
		if len(queries) > 0 {
			q := newQuerySet(name, queries)
			q.schema = set
			d.queries = append(d.queries, q)
		}
	}
}

// sqlcSchema returns the set of exactly these files, which several entries may share.
func (d *discovery) sqlcSchema(files []*sqlFile) *schemaSet {
	for _, s := range d.schemas {
		if slices.Equal(s.files, files) {
			return s
		}
	}
	set := d.newSchemaSet(filepath.Dir(files[0].path), files)
	set.sqlc = true
	d.schemas = append(d.schemas, set)
	return set
}

// expand returns the known SQL files that paths of an sqlc configuration name.
func (d *discovery) expand(dir string, named []string) []*sqlFile {
	var files []*sqlFile
	for _, path := range named {
		matches, err := Expand(dir, path)
		if err != nil {
			d.skip(d.rel(filepath.Join(dir, path)), "named by sqlc, but "+err.Error(), false)
			continue
		}
		for _, match := range matches {
			if f := d.files[match]; f != nil && !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	return files
}

// disown leaves out files that belong to another database system.
func (d *discovery) disown(name string, files []*sqlFile, engine string) {
	for _, f := range files {
		f.foreign, f.postgres, f.dialect = 1, 0, engine
	}
	d.skip(name, fmt.Sprintf("written for %s, not PostgreSQL", engine), false)
}

func readSqlc(path string) ([]sqlcEntry, error) {
	text, err := readAtMost(path, maxFileSize+1)
	if err != nil {
		return nil, err
	}
	if e := checkText(path, text); e != nil {
		return nil, fmt.Errorf("not a readable sqlc configuration: %w", e)
	}
	var config sqlcConfig
	if filepath.Ext(path) == ".json" {
		err = json.Unmarshal(text, &config)
	} else {
		err = yaml.Unmarshal(text, &config)
	}
	if err != nil {
		return nil, fmt.Errorf("not a readable sqlc configuration: %w", err)
	}
	return append(config.Packages, config.SQL...), nil
}
