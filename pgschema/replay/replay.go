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
	sources, blocks, generating := make([]*pgast.Source, len(files)), make([]block, len(files)), map[finding.Position]bool{}
	for i, f := range files {
		up := UpPart(f)
		sources[i], blocks[i] = up.Source, blockOf(f, up.Format)
		for _, at := range up.generating {
			generating[at] = true
		}
		for _, s := range up.Skipped {
			if !generating[s.Position] {
				r.schema.Skipped = append(r.schema.Skipped, s)
			}
		}
	}
	queue := queue{r: r, sources: sources, blocks: blocks, source: -1, generating: generating}
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
	// generating are the places of \gexec.
	generating map[finding.Position]bool
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
		if q.generates(stmt) {
			q.r.generate(stmt)
			continue
		}
		q.r.apply(stmt)
	}
	q.waiting = nil
}

// generates reports whether \gexec stands behind a statement.
func (q *queue) generates(stmt *pgast.Statement) bool {
	if len(q.generating) == 0 {
		return false
	}
	rest := stmt.Source.Text[stmt.End:]
	return q.generating[stmt.Source.Position(stmt.End+len(rest)-len(strings.TrimLeft(rest, " \t\r\n")))]
}

// mayRollBack reports whether a text may hold a ROLLBACK.
func mayRollBack(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "rollback") || strings.Contains(text, "abort")
}
