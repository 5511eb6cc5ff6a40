package tenancy

import (
	"path/filepath"
	"regexp"
	"strings"
)

// sqlFile is what a look at an SQL file tells without parsing it. It only has to be right about
// which files belong together; the parser has the last word on what they say.
type sqlFile struct {
	path   string
	format Format
	// query says that the file consists of named query blocks, as sqlc and goyesql read them.
	query bool
	// creates, alters and uses are the names of tables, without schema and folded: those the file
	// creates, those it alters or references, and those its statements read or write.
	creates, alters, uses map[string]bool
	// foreign and postgres count the signs of another dialect and of PostgreSQL; dialect names the
	// other one.
	foreign, postgres int
	dialect           string
}

// ddl reports whether the file changes tables at all.
func (f *sqlFile) ddl() bool { return len(f.creates)+len(f.alters) > 0 }

var (
	// annotations are the comments by which the text shows its convention, one group each.
	annotations = regexp.MustCompile(`(?m)^(?:--\s*(?i:\+(goose|migrate)\s+up|(migrate:up)|(postgresql database dump))|(---- create above / drop below ----))`)
	// queryBlock is the comment that names a query for sqlc, goyesql or dotsql. pg_dump's "-- Name:"
	// has a capital letter and more behind the name.
	queryBlock = regexp.MustCompile(`(?m)^--\s*name\s*:\s*[\w-]+\s*(?::\w+.*)?$`)

	golangMigrateName = regexp.MustCompile(`^[0-9]+_.*\.up\.sql$`)
	flywayName        = regexp.MustCompile(`^(V[0-9][0-9._]*|R)__.+\.sql$`)
	versionedName     = regexp.MustCompile(`^[0-9]+[._-].*\.sql$|^[0-9]+\.sql$`)
)

// sniff looks at a file.
func sniff(path, text string) *sqlFile {
	f := &sqlFile{
		path: path, format: Plain,
		creates: map[string]bool{}, alters: map[string]bool{}, uses: map[string]bool{},
	}
	name := filepath.Base(path)
	switch {
	case golangMigrateName.MatchString(name):
		f.format = GolangMigrate
	case flywayName.MatchString(name):
		f.format = Flyway
	}
	if m := annotations.FindStringSubmatch(text); m != nil {
		switch {
		case strings.EqualFold(m[1], "goose"):
			f.format = Goose
		case m[1] != "":
			f.format = SQLMigrate
		case m[2] != "":
			f.format = Dbmate
		case m[3] != "":
			f.format = PgDump
		case m[4] != "":
			f.format = Tern
		}
	} else if f.format == Plain && queryBlock.MatchString(text) {
		f.format, f.query = Sqlc, true
	}
	f.scan(text)
	return f
}

// foreignWords are words that only another dialect knows, with the name of the dialect.
var foreignWords = map[string]string{
	"auto_increment": "MySQL", "tinyint": "MySQL", "mediumtext": "MySQL", "longtext": "MySQL", "unsigned": "MySQL",
	"innodb": "MySQL", "autoincrement": "SQLite", "pragma": "SQLite",
	"mergetree": "ClickHouse", "replacingmergetree": "ClickHouse", "aggregatingmergetree": "ClickHouse",
	"replicatedmergetree": "ClickHouse", "summingmergetree": "ClickHouse", "lowcardinality": "ClickHouse",
	"datetime64": "ClickHouse", "aggregatefunction": "ClickHouse", "fixedstring": "ClickHouse",
	"nvarchar": "SQL Server", "datetime2": "SQL Server", "uniqueidentifier": "SQL Server", "varchar2": "Oracle",
}

// postgresWords are words that hardly any other dialect knows.
var postgresWords = map[string]bool{
	"jsonb": true, "timestamptz": true, "bigserial": true, "serial": true, "plpgsql": true, "bytea": true,
	"extension": true, "policy": true, "tsvector": true, "gin": true, "ilike": true, "nextval": true,
	"gen_random_uuid": true, "regclass": true,
}

// scan collects the names of tables and the signs of dialects.
func (f *sqlFile) scan(text string) {
	w := words{text: text}
	for w.next() {
		switch {
		case w.kind == '$':
			f.postgres++
		case w.kind != 'w':
			continue
		case foreignWords[w.word] != "":
			f.foreign++
			f.dialect = foreignWords[w.word]
		case postgresWords[w.word]:
			f.postgres++
		case w.word == "create":
			f.create(&w)
		case w.word == "alter" && w.peek("table"):
			w.skip("table", "if", "exists", "only")
			addName(f.alters, w.name())
		case w.word == "references":
			addName(f.alters, w.name())
		case w.word == "from", w.word == "join", w.word == "into", w.word == "update":
			w.skip("only")
			addName(f.uses, w.name())
		}
	}
	f.foreign += w.backticks
	for name := range f.creates {
		delete(f.alters, name)
	}
}

// create reads on behind CREATE.
func (f *sqlFile) create(w *words) {
	w.skip("or", "replace", "global", "local", "temp", "temporary", "unlogged", "foreign")
	switch {
	case w.peek("table"):
		w.skip("table", "if", "not", "exists")
		addName(f.creates, w.name())
	case w.peek("policy"):
		f.postgres++
		for w.next() && w.word != "on" {
			continue
		}
		addName(f.alters, w.name())
	}
}

func addName(names map[string]bool, name string) {
	if name != "" {
		names[name] = true
	}
}
