package classify

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

const (
	migrationTable = "bookkeeping of a migration tool"
	queueTable     = "bookkeeping of a job queue"
)

// housekeepers are tables that tools create for themselves, by lower-case name.
var housekeepers = map[string]string{
	"goose_db_version":       migrationTable,
	"schema_migrations":      migrationTable, // golang-migrate, dbmate, Rails
	"schema_migration":       migrationTable, // pop, soda
	"gorp_migrations":        migrationTable, // sql-migrate
	"atlas_schema_revisions": migrationTable,
	"flyway_schema_history":  migrationTable,
	"_prisma_migrations":     migrationTable,
	"ar_internal_metadata":   migrationTable,
	"databasechangelog":      migrationTable, // Liquibase
	"databasechangeloglock":  migrationTable,
	"schema_version":         migrationTable, // tern
	"bun_migrations":         migrationTable,
	"bun_migration_locks":    migrationTable,
	"gopg_migrations":        migrationTable,
	"migrations":             migrationTable, // gormigrate
	"river_migration":        migrationTable,
	"__drizzle_migrations":   migrationTable,
	"knex_migrations":        migrationTable,
	"knex_migrations_lock":   migrationTable,

	"river_job":          queueTable,
	"river_leader":       queueTable,
	"river_queue":        queueTable,
	"river_client":       queueTable,
	"river_client_queue": queueTable,
	"gue_jobs":           queueTable,
	"que_jobs":           queueTable,
}

// housekeeping returns why a table belongs to a tool rather than to the application, or "".
func housekeeping(r *pgschema.Relation) string {
	if r.Extension != "" {
		return "belongs to the extension " + r.Extension
	}
	if r.Schema == "atlas_schema_revisions" {
		return migrationTable
	}
	return housekeepers[strings.ToLower(r.Name.Name)]
}

// OfTool reports whether a relation belongs to an extension, a migration tool or a job queue.
func OfTool(r *pgschema.Relation) bool { return housekeeping(r) != "" }
