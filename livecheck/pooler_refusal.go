package livecheck

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// poolerRefusal explains an error that PgBouncer made itself and that says little; any other error
// stays as it is. All its errors have the SQLSTATE 08P01.
func poolerRefusal(err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "08P01" {
		return err
	}
	parameter, startup := strings.CutPrefix(refused.Message, "unsupported startup parameter: ")
	switch {
	case startup:
		return fmt.Errorf("the pooler refuses %s as a startup parameter: leave it out of the connection string, or name it in the pooler's ignore_startup_parameters", parameter)
	case strings.Contains(refused.Message, "statement pooling mode"):
		return errors.New("the pooler is in statement mode, which has no transactions: connect to the server itself or to a pool in transaction mode")
	case strings.Contains(refused.Message, "query_wait_timeout"), strings.Contains(refused.Message, "server_login"),
		strings.Contains(refused.Message, "connect timeout"), strings.Contains(refused.Message, "server conn crashed"):
		return fmt.Errorf("the server behind the pooler does not answer, or all its sessions are in use (the pooler says %s)", refused.Message)
	}
	return err
}
