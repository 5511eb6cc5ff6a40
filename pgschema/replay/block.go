package replay

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// block knows why statements of a file run inside a transaction block.
type block struct {
	// opened is a BEGIN of the file that is not yet ended.
	opened bool
	// tool says that the migration tool opens a block around the file, and together what it sends to
	// the server at once: PostgreSQL runs several statements of one message as one transaction
	// (manual, 55.2.2.1).
	tool, together string
	// enough is how many statements of a file make together true; 1 counts those alone that may run in a
	// block.
	enough int
	// first is the number of events before the file, statements how many count.
	first, statements int
	// stretches are the parts of a file whose statements the tool sends at once.
	stretches []stretch
}

// stretch is what stands between StatementBegin and StatementEnd, by offsets.
type stretch struct{ start, end, statements int }

// wrapping are the tools that run each migration in a transaction, with the comment by which a file says no.
var wrapping = map[tenancy.Format]struct{ tool, unless string }{
	tenancy.Goose:      {"goose", "-- +goose NO TRANSACTION"},
	tenancy.SQLMigrate: {"sql-migrate", "-- +migrate Up notransaction"},
	tenancy.Dbmate:     {"dbmate", "-- migrate:up transaction:false"},
	tenancy.Tern:       {"tern", "---- tern: disable-tx ----"},
	tenancy.Atlas:      {"Atlas", "-- atlas:txmode none"},
}

// blockOf reads from the text of a file, with its comments, how its tool runs it.
func blockOf(f File, format tenancy.Format) block {
	var b block
	if w, ok := wrapping[format]; ok && !says(f.Text, w.unless) {
		b.tool = w.tool + " runs each migration in a transaction, unless it says " + w.unless
	}
	switch format {
	case tenancy.Goose:
		b.stretches = stretches(f.Text, "+goose ")
	case tenancy.SQLMigrate:
		b.stretches = stretches(f.Text, "+migrate ")
	case tenancy.Dbmate:
		b.together, b.enough = "dbmate sends a migration to the server at once", 2
	case tenancy.GolangMigrate:
		b.together, b.enough = "golang-migrate sends a migration to the server at once, unless x-multi-statement is set", 2
	case tenancy.Flyway:
		b.together, b.enough = "Flyway refuses a migration of which a part may run in a transaction, unless mixed is set", 1
	}
	return b
}

// stretches finds the stretches of a text that comments mark as one statement for the tool.
func stretches(text, prefix string) []stretch {
	var found []stretch
	offset := 0
	for line := range strings.Lines(text) {
		if words, ok := comment(line); ok {
			n := len(found)
			switch {
			case hasWordFold(words, prefix+"StatementBegin"):
				found = append(found, stretch{start: offset, end: len(text)})
			case hasWordFold(words, prefix+"StatementEnd") && n > 0:
				found[n-1].end = offset
			}
		}
		offset += len(line)
	}
	return found
}

// says reports whether a line of a text begins as a comment does, whatever the case and the blanks.
func says(text, want string) bool {
	want = strings.Trim(want, "- ")
	for line := range strings.Lines(text) {
		if got, ok := comment(line); ok && hasWordFold(strings.TrimLeft(got, "- "), want) {
			return true
		}
	}
	return false
}

// why says why the statement being applied runs inside a block, or "".
func (r *replayer) why() string {
	switch {
	case r.running > 0:
		return "PL/pgSQL runs inside a transaction"
	case r.block.opened:
		return "a BEGIN above it opens a transaction"
	}
	return r.block.tool
}

// count counts the statements of a file.
func (b *block) count(statements []*pgast.Statement) {
	for _, stmt := range statements {
		if b.enough > 1 || !refusesBlock(stmt.Node) {
			b.statements++
		}
		if g := b.stretch(stmt); g != nil {
			g.statements++
		}
	}
}

// stretch returns the stretch that a statement stands in, or nil.
func (b *block) stretch(stmt *pgast.Statement) *stretch {
	for i := range b.stretches {
		if g := &b.stretches[i]; g.start <= stmt.Start && stmt.Start < g.end {
			return g
		}
	}
	return nil
}

// refusesBlock reports whether a statement works without a transaction block only, as far as indexes are
// concerned.
func refusesBlock(node *pgast.Node) bool {
	return node.GetIndexStmt().GetConcurrent() || node.GetDropStmt().GetConcurrent() || node.GetReindexStmt() != nil
}

// startBlock begins a file.
func (r *replayer) startBlock(b block) {
	r.endBlock()
	b.first = len(r.schema.Events)
	r.block = b
}

// endBlock ends a file: now it is known how many statements its tool sent at once.
func (r *replayer) endBlock() {
	b := &r.block
	for i := range r.schema.Events[b.first:] {
		e := &r.schema.Events[b.first+i]
		if e.Block != "" {
			continue
		}
		if g := b.stretch(e.Stmt); g != nil && g.statements > 1 {
			e.Block = "the tool sends what stands between StatementBegin and StatementEnd at once"
		} else if b.together != "" && b.statements >= b.enough {
			e.Block = b.together
		}
	}
}

// transaction follows BEGIN and COMMIT, with which SET LOCAL ends. What a ROLLBACK undoes is not
// applied at all.
func (r *replayer) transaction(n *pgast.TransactionStmt) error {
	r.now = r.session
	switch n.Kind {
	case pgast.TransactionStmtKind_TRANS_STMT_BEGIN, pgast.TransactionStmtKind_TRANS_STMT_START:
		r.block.opened = true
	case pgast.TransactionStmtKind_TRANS_STMT_COMMIT, pgast.TransactionStmtKind_TRANS_STMT_PREPARE:
		r.block.opened = n.Chain
	}
	return nil
}
