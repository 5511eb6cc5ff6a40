// Package replay builds a pgschema.Schema from DDL: it applies migrations in order, as PostgreSQL
// would, and keeps where each property became true.
package replay

import (
	"strings"

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
	sources, blocks := make([]*pgast.Source, len(files)), make([]block, len(files))
	for i, f := range files {
		up := UpPart(f)
		sources[i], blocks[i] = up.Source, blockOf(f, up.Format)
		r.schema.Skipped = append(r.schema.Skipped, up.Skipped...)
	}
	queue := queue{r: r, sources: sources, blocks: blocks, source: -1}
	pgast.ParseEach(sources, queue.take)
	r.endBlock()
	return r.finish()
}

// queue applies statements as they are parsed. Those of a file that may roll some back wait until the
// whole file is known.
type queue struct {
	r       *replayer
	sources []*pgast.Source
	blocks  []block
	source  int // the one whose session is open
	waits   bool
	waiting []*pgast.Statement
}

func (q *queue) take(source int, part pgast.Parsed) {
	if source != q.source {
		q.r.startSession()
		q.r.startBlock(q.blocks[source])
		q.source, q.waits = source, !part.Last && mayRollBack(q.sources[source].Text)
	}
	for _, e := range part.Errors {
		q.r.schema.Skipped = append(q.r.schema.Skipped, finding.Skipped{
			Position: e.Position, What: "SQL statement", Reason: e.Message, Broken: true,
		})
	}
	q.r.block.count(part.Statements)
	q.waiting = append(q.waiting, part.Statements...)
	if q.waits && !part.Last {
		return
	}
	for _, stmt := range committed(q.waiting) {
		q.r.apply(stmt)
	}
	q.waiting = nil
}

// mayRollBack reports whether a text may hold a ROLLBACK.
func mayRollBack(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "rollback") || strings.Contains(text, "abort")
}
