// Package replay builds a pgschema.Schema from DDL: it applies migrations in order, as PostgreSQL
// would, and keeps where each property became true.
package replay

import (
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// File is one migration.
type File struct {
	// Name is the path that positions carry.
	Name string
	Text string
	// Format is the convention of the migration tool; tenancy.Auto detects it.
	Format tenancy.Format
}

// Options say under which circumstances the files are applied.
type Options struct {
	// PGVersion is the major version of the server; 0 means the newest one known.
	PGVersion int
	// Owner is the role that runs the migrations; empty when not known.
	Owner string
}

// Replay applies the up part of each file in order and returns the database that results. It never
// fails: what does not parse or cannot be applied is in Schema.Skipped, what could not be seen
// through in Schema.Undecided.
func Replay(files []File, opts Options) *pgschema.Schema {
	return pgschema.New()
}
