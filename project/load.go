package project

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Load reads the project that a folder belongs to. The error is about the model file alone: SQL that
// cannot be read or parsed is said in Project.Result. Paths in positions are absolute.
func Load(dir string, opts Options) (*Project, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	model, err := LoadModel(dir, opts)
	if err != nil {
		return nil, err
	}
	p := &Project{Model: model}
	sources := p.find(dir, opts)
	if opts.SkipQueries {
		for i := range sources {
			sources[i].Queries = nil
		}
	}
	texts := p.read(sources)
	for _, source := range sources {
		p.Databases = append(p.Databases, p.database(source, texts))
	}
	if p.Model = mainModel(p.Databases); p.Model == nil {
		p.Model = infer(model, pgschema.New(), nil, nil)
	}
	for i, source := range sources {
		p.queries(p.Databases[i], source, texts, len(opts.Queries) > 0)
	}
	p.checkNames(model)
	p.notes(sources)
	p.Digest = digest(model, sources, texts)
	return p, nil
}

// LoadModel reads the model file of a folder, or starts an empty model where there is none, and puts
// the values of the command line in. Nothing is inferred yet.
func LoadModel(dir string, opts Options) (*tenancy.Model, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	path := opts.Config
	if path == "" && !opts.NoConfig {
		path = tenancy.Find(dir)
	}
	model := tenancy.NewModel(tenancy.Root(dir))
	if path != "" {
		if model, err = tenancy.Load(path); err != nil {
			return nil, err
		}
	}
	replace := func(key string, to *[]string, values []string) {
		if len(values) > 0 {
			*to = slices.Clone(values)
			model.Given(key)
		}
	}
	replace("tenant.columns", &model.Columns, opts.TenantColumns)
	replace("tenant.settings", &model.Settings, opts.Settings)
	replace("roles.app", &model.Roles.App, opts.AppRoles)
	replace("roles.owner", &model.Roles.Owner, opts.OwnerRoles)
	if opts.PGVersion != 0 {
		model.PGVersion = opts.PGVersion
		model.Given("pg_version")
	}
	if opts.Enforcement != "" {
		model.Enforcement = opts.Enforcement
		model.Given("enforcement")
	}
	model.Go.Tests = model.Go.Tests || opts.Tests
	return model, nil
}

// find decides which SQL files are read: those of the command line, else those of the model file,
// else those that discovery finds.
func (p *Project) find(dir string, opts Options) []tenancy.DiscoveredDatabase {
	one := tenancy.DiscoveredDatabase{Migrations: p.expand(dir, opts.Schema), Queries: p.expand(dir, opts.Queries)}
	schemaGiven, queriesGiven := len(opts.Schema) > 0, len(opts.Queries) > 0
	if !schemaGiven && !p.Model.IsInferred("migrations") {
		one.Migrations, schemaGiven = p.Model.Migrations, true
	}
	if !queriesGiven && !p.Model.IsInferred("queries") {
		one.Queries, queriesGiven = p.Model.Queries, true
	}
	if len(opts.Schema) > 0 || schemaGiven && queriesGiven {
		return []tenancy.DiscoveredDatabase{one}
	}
	found := tenancy.Discover(p.Model.Root)
	p.Result.Skipped = append(p.Result.Skipped, found.Skipped...)
	switch {
	case schemaGiven:
		for _, db := range found.Databases {
			one.Queries = append(one.Queries, db.Queries...)
		}
		return []tenancy.DiscoveredDatabase{one}
	case queriesGiven:
		assign(found.Databases, one.Queries)
	}
	return found.Databases
}

// expand turns paths of the command line into sources.
func (p *Project) expand(dir string, paths []string) []tenancy.Source {
	var sources []tenancy.Source
	for _, path := range paths {
		files, err := tenancy.Expand(dir, path)
		if err != nil {
			p.Result.Skipped = append(p.Result.Skipped, finding.Skipped{What: path, Reason: err.Error(), Broken: true})
			continue
		}
		sources = append(sources, tenancy.Source{Glob: path, Files: files})
	}
	return sources
}

// assign gives each query file to the database with most of the tables it reads, in place of the
// files that discovery found.
func assign(databases []tenancy.DiscoveredDatabase, queries []tenancy.Source) {
	for i := range databases {
		databases[i].Queries = nil
	}
	for _, source := range queries {
		if best := tenancy.Reads(databases, source); best >= 0 {
			databases[best].Queries = append(databases[best].Queries, source)
		}
	}
}

// read reads all files of all sources once. What cannot be read is said in the result and left out.
func (p *Project) read(databases []tenancy.DiscoveredDatabase) map[string]string {
	texts := map[string]string{}
	for _, db := range databases {
		for _, source := range slices.Concat(db.Migrations, db.Queries) {
			for _, file := range source.Files {
				if _, done := texts[file]; done {
					continue
				}
				text, err := tenancy.ReadSQL(file)
				if err != nil {
					p.Result.Skipped = append(p.Result.Skipped, finding.Skipped{
						Position: finding.Position{File: file}, What: file, Reason: err.Error(), Broken: true,
					})
					continue
				}
				texts[file] = text
			}
		}
	}
	return texts
}

// database replays and classifies one database.
func (p *Project) database(source tenancy.DiscoveredDatabase, texts map[string]string) *Database {
	db := &Database{Name: source.Name}
	var files []replay.File
	for _, s := range source.Migrations {
		for _, path := range s.Files {
			if text, ok := texts[path]; ok {
				files = append(files, replay.File{Name: path, Text: text, Format: s.Format})
				db.Files = append(db.Files, path)
			}
		}
	}
	owner := ""
	if len(p.Model.Roles.Owner) > 0 {
		owner = p.Model.Roles.Owner[0]
	}
	db.Schema = replay.Replay(files, replay.Options{PGVersion: p.Model.PGVersion, Owner: owner})
	p.Result.Skipped = append(p.Result.Skipped, db.Schema.Skipped...)
	p.Result.Undecided = append(p.Result.Undecided, db.Schema.Undecided...)
	db.Model = infer(p.Model, db.Schema, texts, db.Files)
	db.Model.Migrations, db.Model.Queries = source.Migrations, source.Queries
	db.Classes = classify.Of(db.Schema, db.Model)
	return db
}

// queries parses the query files of a database, several at a time. A file that was named by hand is
// checked wherever it stands.
func (p *Project) queries(db *Database, source tenancy.DiscoveredDatabase, texts map[string]string, named bool) {
	var paths []string
	for _, s := range source.Queries {
		paths = append(paths, s.Files...)
	}
	parsed := make([][]sqlcheck.Query, len(paths))
	broken := make([][]finding.Skipped, len(paths))
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, path := range paths {
		text, ok := texts[path]
		if !ok {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			queries, errs := sqlcheck.Queries(path, text)
			parsed[i] = queries
			for _, e := range errs {
				broken[i] = append(broken[i], finding.Skipped{Position: e.Position, What: "statement", Reason: e.Message, Broken: true})
			}
			<-slots
		})
	}
	wait.Wait()
	for i, path := range paths {
		p.Result.Skipped = append(p.Result.Skipped, broken[i]...)
		for _, q := range parsed[i] {
			p.Queries = append(p.Queries, &Query{Name: q.Name, Statement: q.Statement, Database: db, ForTests: !named && p.forTests(path)})
		}
	}
}

// forTests reports whether a folder between the root and the file exists for tests.
func (p *Project) forTests(path string) bool {
	below, err := filepath.Rel(p.Model.Root, filepath.Dir(path))
	return err == nil && slices.ContainsFunc(strings.Split(filepath.ToSlash(below), "/"), tenancy.IsTestName)
}

// mainModel is the model of the database with the most tenant tables; nil when there is no database.
func mainModel(databases []*Database) (main *tenancy.Model) {
	most := -1
	for _, db := range databases {
		if n := db.Count(classify.Tenant); n > most {
			main, most = db.Model, n
		}
	}
	return main
}

// Count returns how many tables of the database have a class; partitions and temporary tables are
// not counted.
func (db *Database) Count(class classify.Class) int { return len(db.listed(class)) }

// checkNames says which tables and columns of the model the schemas do not know.
func (p *Project) checkNames(m *tenancy.Model) {
	var tables, columns []string
	for _, db := range p.Databases {
		for _, r := range db.Schema.Sorted() {
			tables = append(tables, r.Name.Name, r.Name.String())
			for _, c := range r.Columns {
				columns = append(columns, c.Name)
			}
		}
	}
	if len(tables) == 0 {
		return // there is no schema to compare with, and that is said elsewhere
	}
	unknown := func(at finding.Position, what, name string, known []string) {
		reason := fmt.Sprintf("%s %q is not in the schema", what, name)
		if near := finding.Nearest(name, known); near != "" {
			reason += fmt.Sprintf(": did you mean %q?", near)
		}
		p.Result.Skipped = append(p.Result.Skipped, finding.Skipped{Position: at, What: what + " " + name, Reason: reason, Broken: true})
	}
	for _, t := range m.Shared {
		if !slices.Contains(tables, t.Name) {
			unknown(t.At, "shared table", t.Name, tables)
		}
	}
	if m.Registry != "" && !slices.Contains(tables, m.Registry) {
		unknown(m.At("tenant.registry"), "tenant registry", m.Registry, tables)
	}
	for _, name := range m.Columns {
		if !slices.ContainsFunc(columns, func(c string) bool { return tenancy.SameName(c, name) }) {
			unknown(m.At("tenant.columns"), "tenant column", name, columns)
		}
	}
}

// relative writes a path relative to the root of the project for a reader.
func relative(root, path string) string {
	if r, err := filepath.Rel(root, path); err == nil && !strings.HasPrefix(r, "..") {
		return filepath.ToSlash(r)
	}
	return path
}
