package pgtest

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPoolerEndsWithTheTest(t *testing.T) {
	db := Start(t, 15).Database(t)
	role := db.Role(t, "LOGIN")
	for _, mode := range []string{"session", "transaction"} {
		var pooler *Pooler
		t.Run(mode, func(t *testing.T) {
			pooler = db.Pooler(t, mode, []string{role})
			conn := pooler.Connect(t, role)
			var pid uint32
			if err := conn.QueryRow(t.Context(), "SELECT pg_backend_pid()", pgx.QueryExecModeExec).Scan(&pid); err != nil {
				t.Fatal(err)
			}
			if pid == conn.PgConn().PID() {
				t.Error("nothing stands between the client and the server")
			}
		})
		if pooler == nil {
			continue
		}
		if _, err := os.Stat(pooler.dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", pooler.dir, err)
		}
		select {
		case <-pooler.exited:
		default:
			t.Error("the pooler still runs")
		}
	}
}
