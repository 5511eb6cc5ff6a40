package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("concurrently-in-transaction", checkConcurrentlyInTransaction)

// checkConcurrentlyInTransaction looks for concurrent work on the indexes and partitions of tables with rows
// of tenants inside a transaction block, which PostgreSQL refuses (manual, CREATE INDEX). A migration that
// did the same outside a block later is left alone.
func checkConcurrentlyInTransaction(p *pass) {
	for t := range p.owned() {
		events := p.history(t.Relation)
		for i, e := range events {
			what := concurrent(t.Relation, e)
			again := func(later pgschema.Event) bool { return later.Block == "" && part(later) == part(e) }
			if what != "" && e.Block != "" && !slices.ContainsFunc(events[i+1:], again) {
				p.report(inTransaction(t, e, what))
			}
		}
	}
}

// concurrent returns what an event does CONCURRENTLY, or "".
func concurrent(r *pgschema.Relation, e pgschema.Event) string {
	does := ""
	switch n := pgast.Unwrap(e.Stmt.Node).(type) {
	case *pgast.IndexStmt:
		if n.Concurrent {
			does = "CREATE INDEX"
		}
	case *pgast.DropStmt:
		if n.Concurrent {
			does = "DROP INDEX"
		}
	case *pgast.ReindexStmt:
		if slices.ContainsFunc(n.Params, func(o *pgast.Node) bool { return o.GetDefElem().GetDefname() == "concurrently" }) {
			does = "REINDEX"
		}
	case *pgast.AlterTableStmt:
		if detached(n).GetConcurrent() {
			does = "DETACH PARTITION"
		}
	default: // dynamic SQL
		if slices.ContainsFunc(r.Indexes, func(index *pgschema.Index) bool {
			return e.Kind == "IndexStmt" && index.Name == e.Detail && index.Concurrently
		}) {
			does = "CREATE INDEX"
		}
	}
	if does == "" {
		return ""
	}
	return does + " CONCURRENTLY"
}

// part returns the index or partition that an event is about, or "".
func part(e pgschema.Event) string {
	switch e.Kind {
	case "IndexStmt", "ReindexStmt":
		return e.Detail
	case "DropStmt":
		name, _ := strings.CutPrefix(e.Detail, "drop index ")
		return name
	}
	return detached(e.Stmt.Node.GetAlterTableStmt()).GetName().GetRelname()
}

// detached returns the DETACH PARTITION of a statement, or nil.
func detached(n *pgast.AlterTableStmt) *pgast.PartitionCmd {
	for _, cmd := range n.GetCmds() {
		if c := cmd.GetAlterTableCmd(); c.GetSubtype() == pgast.AlterTableType_AT_DetachPartition {
			return c.GetDef().GetPartitionCmd()
		}
	}
	return nil
}

func inTransaction(t *classify.Table, e pgschema.Event, what string) finding.Finding {
	f := finding.New("concurrently-in-transaction", e.Stmt.Position(0), object(t.Relation),
		"%s on %s runs inside a transaction, where PostgreSQL refuses it: the migration fails when it is deployed", what, object(t.Relation))
	f.Evidence = []string{e.Block}
	f.Fix = &finding.Fix{Message: "move it to a migration of its own that the tool runs without a transaction"}
	return f
}
