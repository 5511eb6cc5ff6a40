// Package tenancy holds the tenancy model: what a tenant is in one repository. It is read from
// .tenantvet.yml, or inferred from the schema when there is no such file.
package tenancy

import (
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Pattern is how tenants are kept apart.
type Pattern string

const (
	// SharedSchema keeps all tenants in the same tables, told apart by a column.
	SharedSchema Pattern = "shared-schema"
	// SchemaPerTenant gives each tenant a PostgreSQL schema.
	SchemaPerTenant Pattern = "schema-per-tenant"
	// DatabasePerTenant gives each tenant a database.
	DatabasePerTenant Pattern = "database-per-tenant"
	// Hybrid places tenants in pools of databases, several to a shared schema.
	Hybrid Pattern = "hybrid"
)

// Enforcement is what a repository relies on to keep tenants apart.
type Enforcement string

const (
	// EnforceRLS relies on row-level security and a transaction-local tenant setting.
	EnforceRLS Enforcement = "rls"
	// EnforcePredicate relies on a tenant predicate in each statement.
	EnforcePredicate Enforcement = "predicate"
	// EnforceBoth wants the predicate and row-level security.
	EnforceBoth Enforcement = "both"
)

// Model says what a tenant is in one repository. All lists are in the order of the file.
type Model struct {
	// File is the .tenantvet.yml that was read; empty for an inferred model.
	File string
	// Root is the folder that globs are relative to.
	Root string

	Pattern Pattern
	// Columns are the names of the tenant column. They match the schema's names by SameName.
	Columns []string
	// ColumnType is the SQL type of the tenant column, such as "uuid"; empty when not known.
	ColumnType string
	// Settings are the custom settings that carry the tenant, such as "app.tenant_id".
	Settings []string
	// Registry is the table with one row per tenant, whose primary key is the tenant id.
	Registry string
	// Shared are the tables that deliberately belong to no tenant.
	Shared []SharedTable

	Roles Roles
	// Enforcement is never empty in a complete model.
	Enforcement Enforcement

	Migrations []Source
	Queries    []Source

	Go Go

	// PGVersion is the major version of the server the schema is meant for.
	PGVersion int
	// Inferred lists the names of the values that were not in the file.
	Inferred []string

	// at is where the file gives the values of its keys, which are named as in Inferred.
	at map[string]finding.Position
}

// At returns where the file gives the value of a key, such as "tenant.columns"; the file alone when
// it does not.
func (m *Model) At(key string) finding.Position {
	if at, ok := m.at[key]; ok {
		return at
	}
	return finding.Position{File: m.File}
}

// Roles names the database roles by what they do.
type Roles struct {
	// App are the roles that the service connects as.
	App []string
	// Owner are the roles that own the tables and run migrations.
	Owner []string
	// Analytics are the roles that may read across tenants by design.
	Analytics []string
	// Auditor are the roles that tenantvet audit connects as.
	Auditor []string
}

// SharedTable is a table that belongs to no tenant, and why.
type SharedTable struct {
	// Name is "table" or "schema.table".
	Name string
	// Reason is mandatory in the file.
	Reason string
	// At is where the file says so; invalid for an inferred one.
	At finding.Position
}

// Source is a set of SQL files.
type Source struct {
	// Glob is a path pattern relative to the model's root; ** crosses folders. A folder stands
	// for every SQL file in it.
	Glob   string
	Format Format
	// Files are the absolute paths the glob matched, in the order in which they apply.
	Files []string
	At    finding.Position
}

// Format is the migration or query-file convention of a Source.
type Format string

// The formats tenantvet reads. Only the up part of a migration is ever applied.
const (
	Auto          Format = ""
	Goose         Format = "goose"
	GolangMigrate Format = "golang-migrate"
	SQLMigrate    Format = "sql-migrate"
	Dbmate        Format = "dbmate"
	Atlas         Format = "atlas"
	Flyway        Format = "flyway"
	Tern          Format = "tern"
	Plain         Format = "plain"
	Sqlc          Format = "sqlc"
	PgDump        Format = "pg_dump"
)

// Go names the Go code that carries or deliberately leaves a tenant.
type Go struct {
	// Types are the names of Go types that carry a tenant id, as "TenantID" or
	// "example.com/app/auth.Principal".
	Types []string
	// Variables are names of variables, fields and parameters that hold a tenant id, beside
	// those that SameName the tenant columns.
	Variables []string
	// Accessors are functions that take the tenant from a context, as types.Func.FullName
	// writes them: "example.com/app/auth.TenantFromContext".
	Accessors []string
	// Scopers are functions that set the tenant on a transaction or connection, or call back
	// with a scoped one, as types.Func.FullName writes them.
	Scopers []string
	// CrossTenant declares deliberately cross-tenant code.
	CrossTenant []CrossTenant
	// Tests says whether _test.go files are analysed.
	Tests bool
}

// CrossTenant declares a function ("example.com/app/billing.Rollup", "(*pkg.T).Method") or a
// package ("example.com/app/admin", "example.com/app/jobs/...") as deliberately cross-tenant.
type CrossTenant struct {
	Name   string
	Reason string
	At     finding.Position
}

// SameName reports whether two names are the same but for case, underscores and quoting style:
// tenant_id, tenantId and TenantID are one name.
func SameName(a, b string) bool { return Fold(a) == Fold(b) }

// Fold brings a name to the form in which SameName compares it.
func Fold(name string) string {
	return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(name, "_", ""), "-", ""))
}

// IsTenantColumn reports whether a column of that name is the tenant column.
func (m *Model) IsTenantColumn(name string) bool {
	for _, c := range m.Columns {
		if SameName(c, name) {
			return true
		}
	}
	return false
}

// IsTenantSetting reports whether a custom setting carries the tenant. Names of settings are
// case-insensitive (PostgreSQL manual, 20.1.1).
func (m *Model) IsTenantSetting(name string) bool {
	for _, s := range m.Settings {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// SharedReason returns why a table is declared shared. Schema may be empty in the declaration.
func (m *Model) SharedReason(schema, table string) (string, bool) {
	for _, s := range m.Shared {
		if s.Name == table || s.Name == schema+"."+table {
			return s.Reason, true
		}
	}
	return "", false
}

// IsRegistry reports whether a table is the tenant registry.
func (m *Model) IsRegistry(schema, table string) bool {
	return m.Registry != "" && (m.Registry == table || m.Registry == schema+"."+table)
}
