// Package project loads what a repository says about its databases: the tenancy model, the schema
// of each database with the class of each table, and the query files.
package project

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Options are what the command line says about the project. Values that are set replace those of
// the file.
type Options struct {
	// Config is the path of the model file; empty to look for .tenantvet.yml from the project's
	// folder upwards.
	Config string
	// NoConfig leaves any .tenantvet.yml unread, for inferring everything.
	NoConfig bool

	TenantColumns []string
	Settings      []string
	AppRoles      []string
	OwnerRoles    []string
	PGVersion     int
	Enforcement   tenancy.Enforcement
	// Tests says that _test.go files are analysed, whatever the file says.
	Tests bool

	// Schema and Queries are SQL files or folders in the order in which they apply; they replace
	// what the model names or discovery finds.
	Schema  []string
	Queries []string
	// SkipQueries leaves all query files unread, for looking at the schema alone.
	SkipQueries bool
}

// Database is one database of the project.
type Database struct {
	// Name tells databases of one project apart: the migrations folder relative to the root.
	Name    string
	Schema  *pgschema.Schema
	Classes *classify.Classes
	// Model is the project's model with what was inferred from this database.
	Model *tenancy.Model
	// Files are the absolute paths of the schema's files, in the order in which they apply.
	Files []string
}

// Query is one statement of a query file.
type Query struct {
	// Name is the name of the sqlc or goyesql block; "" outside a block.
	Name      string
	Statement *pgast.Statement
	Database  *Database
	// ForTests says that the file stands in a folder that exists for tests, such as audittest.
	ForTests bool
}

// Project is a loaded repository.
type Project struct {
	// Model is the model of the first database, or of the file when there is no database.
	Model     *tenancy.Model
	Databases []*Database
	Queries   []*Query
	// Result has a note on what was inferred, and what of the SQL was skipped or undecided.
	Result finding.Result
	// Digest identifies the model and all SQL input; it belongs in the key of every cache.
	Digest string
}
