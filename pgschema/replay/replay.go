// Package replay builds a pgschema.Schema from DDL: it applies migrations in order, as PostgreSQL
// would, and keeps where each property became true.
package replay

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
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

// newestVersion is the server version assumed when none is given.
const newestVersion = 18

// Replay applies the up part of each file in order and returns the database that results. It never
// fails: what does not parse or cannot be applied is in Schema.Skipped, what could not be seen
// through in Schema.Undecided.
//
// Each file is a session of its own, as it is when only the newest migration is deployed: SET
// search_path and SET ROLE end with their file.
func Replay(files []File, opts Options) *pgschema.Schema {
	r := newReplayer(opts)
	sources := make([]*pgast.Source, len(files))
	for i, f := range files {
		up := UpPart(f)
		sources[i] = up.Source
		r.schema.Skipped = append(r.schema.Skipped, up.Skipped...)
	}
	for _, parsed := range pgast.ParseAll(sources) {
		r.startSession()
		for _, stmt := range committed(parsed.Statements) {
			r.apply(stmt)
		}
		for _, e := range parsed.Errors {
			r.schema.Skipped = append(r.schema.Skipped, finding.Skipped{
				Position: e.Position, What: "SQL statement", Reason: e.Message, Broken: true,
			})
		}
	}
	return r.finish()
}
