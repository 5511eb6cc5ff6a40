package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// committed leaves out the statements of a file that a ROLLBACK in the same file undoes. A
// transaction that the file does not end is taken as committed, as the migration tool does it.
func committed(statements []*pgast.Statement) []*pgast.Statement {
	type savepoint struct {
		name string
		at   int
	}
	var kept []*pgast.Statement
	var savepoints []savepoint
	find := func(name string) int {
		for i, s := range slices.Backward(savepoints) {
			if s.name == name {
				return i
			}
		}
		return -1
	}
	begin := -1
	for _, stmt := range statements {
		tx := stmt.Node.GetTransactionStmt()
		switch tx.GetKind() {
		case pgast.TransactionStmtKind_TRANS_STMT_BEGIN, pgast.TransactionStmtKind_TRANS_STMT_START:
			if begin < 0 {
				begin, savepoints = len(kept), nil
				kept = append(kept, stmt)
			}
		case pgast.TransactionStmtKind_TRANS_STMT_SAVEPOINT:
			savepoints = append(savepoints, savepoint{tx.SavepointName, len(kept)})
		case pgast.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO:
			if i := find(tx.SavepointName); i >= 0 {
				kept, savepoints = kept[:savepoints[i].at], savepoints[:i+1]
			}
		case pgast.TransactionStmtKind_TRANS_STMT_RELEASE:
			if i := find(tx.SavepointName); i >= 0 {
				savepoints = savepoints[:i]
			}
		case pgast.TransactionStmtKind_TRANS_STMT_ROLLBACK:
			if begin >= 0 {
				kept, begin = kept[:begin], -1
			}
			if tx.Chain {
				begin, savepoints = len(kept), nil
			}
		case pgast.TransactionStmtKind_TRANS_STMT_COMMIT, pgast.TransactionStmtKind_TRANS_STMT_PREPARE:
			kept = append(kept, stmt)
			if begin = -1; tx.Chain {
				begin, savepoints = len(kept), nil
			}
		default:
			kept = append(kept, stmt)
		}
	}
	return kept
}
