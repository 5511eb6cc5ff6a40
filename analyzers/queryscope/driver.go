package queryscope

import (
	"slices"
	"strings"
)

// otherDrivers are the beginnings of import paths of drivers by the database that they speak to, none of them
// PostgreSQL.
var otherDrivers = []struct{ path, database string }{
	{"modernc.org/sqlite", "SQLite"}, {"github.com/mattn/go-sqlite3", "SQLite"}, {"github.com/ncruces/go-sqlite3", "SQLite"},
	{"github.com/glebarez/", "SQLite"}, {"zombiezen.com/go/sqlite", "SQLite"}, {"gorm.io/driver/sqlite", "SQLite"},
	{"github.com/go-sql-driver/mysql", "MySQL"}, {"gorm.io/driver/mysql", "MySQL"},
	{"github.com/microsoft/go-mssqldb", "SQL Server"}, {"github.com/denisenkom/go-mssqldb", "SQL Server"}, {"gorm.io/driver/sqlserver", "SQL Server"},
	{"github.com/sijms/go-ora", "Oracle"}, {"github.com/godror/godror", "Oracle"},
	{"github.com/marcboeker/go-duckdb", "DuckDB"}, {"github.com/ClickHouse/clickhouse-go", "ClickHouse"}, {"gorm.io/driver/clickhouse", "ClickHouse"},
}

// postgresDrivers are the import paths of drivers for PostgreSQL.
var postgresDrivers = []string{"github.com/lib/pq", "github.com/jackc/pgx", "gorm.io/driver/postgres", "github.com/uptrace/bun/driver/pgdriver"}

// otherDatabase returns the database that the SQL of the package goes to, by the driver that it imports, where that
// is not PostgreSQL; "" otherwise.
func (c *checker) otherDatabase() string {
	database := ""
	for _, imported := range c.pass.Pkg.Imports() {
		path := imported.Path()
		if slices.ContainsFunc(postgresDrivers, func(driver string) bool { return strings.HasPrefix(path, driver) }) {
			return ""
		}
		for _, driver := range otherDrivers {
			if strings.HasPrefix(path, driver.path) {
				database = driver.database
			}
		}
	}
	return database
}
