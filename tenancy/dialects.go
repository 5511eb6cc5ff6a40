package tenancy

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// dialectNames are words in paths that name a database system other than PostgreSQL.
var dialectNames = map[string]string{
	"clickhouse": "ClickHouse", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite", "sqlite3": "SQLite",
	"mssql": "SQL Server", "sqlserver": "SQL Server", "oracle": "Oracle", "spanner": "Spanner", "cassandra": "Cassandra",
	"scylla": "ScyllaDB", "bigquery": "BigQuery", "snowflake": "Snowflake", "duckdb": "DuckDB", "tidb": "TiDB",
	"cockroach": "CockroachDB", "cockroachdb": "CockroachDB",
}

// pathDialect returns the database system other than PostgreSQL that a path names.
func pathDialect(path string) string {
	for _, word := range strings.FieldsFunc(strings.ToLower(path), func(r rune) bool { return strings.ContainsRune("/._-", r) }) {
		if dialect := dialectNames[word]; dialect != "" {
			return dialect
		}
	}
	return ""
}

// fileDialect returns the database system other than PostgreSQL that a file is written for by its
// name. The name of a numbered migration says what it does, as in 7_add_mysql_hosts.sql; only a part
// between dots, as in 7_x.mysql.up.sql, says what it is written for.
func (d *discovery) fileDialect(path string) string {
	name := filepath.Base(path)
	if !versionedName.MatchString(name) {
		return pathDialect(d.rel(path))
	}
	for _, part := range strings.Split(strings.ToLower(name), ".")[1:] {
		if dialect := dialectNames[part]; dialect != "" {
			return dialect
		}
	}
	return pathDialect(d.rel(filepath.Dir(path)))
}

// writtenFor returns the database system other than PostgreSQL that a file is written for. What is in
// the file outweighs its name, but CockroachDB, which speaks PostgreSQL's dialect, shows in the name
// alone.
func (d *discovery) writtenFor(f *sqlFile) string {
	dialect := d.fileDialect(f.path)
	if dialect != "CockroachDB" && f.postgres > f.foreign {
		return ""
	}
	return dialect
}

// hasOwnVersion reports whether a migration for every dialect, such as 7_x.up.sql, has a version for
// PostgreSQL beside it, such as 7_x.postgres.up.sql, which then applies instead.
func (d *discovery) hasOwnVersion(path string) bool {
	dir, name := filepath.Split(path)
	stem, rest, _ := strings.Cut(name, ".")
	return d.files[dir+stem+".postgres."+rest] != nil || d.files[dir+stem+".postgresql."+rest] != nil
}

// dropForeign leaves out files and sets that are written for another database system: their path
// says so, or what is in them.
func (d *discovery) dropForeign() {
	d.schemas = slices.DeleteFunc(d.schemas, func(s *schemaSet) bool {
		kept := slices.DeleteFunc(slices.Clone(s.files), func(f *sqlFile) bool {
			return !s.sqlc && (d.writtenFor(f) != "" || d.hasOwnVersion(f.path))
		})
		if len(kept) == 0 || foreignContent(kept) {
			d.skip(fmt.Sprintf("%s (%s)", s.name, count(len(s.files), "SQL file")), "written for "+d.dialectOf(s)+", not PostgreSQL", false)
			return true
		}
		s.files = kept
		s.index()
		return false
	})
	d.queries = slices.DeleteFunc(d.queries, func(q *querySet) bool { return q.schema != nil && !slices.Contains(d.schemas, q.schema) })
}

// foreignContent reports whether files show more signs of another dialect than of PostgreSQL.
func foreignContent(files []*sqlFile) bool {
	foreign, postgres := 0, 0
	for _, f := range files {
		foreign, postgres = foreign+f.foreign, postgres+f.postgres
	}
	return foreign > postgres
}

// dialectOf names the database system that a set is written for.
func (d *discovery) dialectOf(s *schemaSet) string {
	for _, f := range s.files {
		if dialect := cmp.Or(d.writtenFor(f), f.dialect); dialect != "" {
			return dialect
		}
	}
	return "another database system"
}
