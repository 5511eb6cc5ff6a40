package livecheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// attempt is one transaction of a probe. Its statements are made of quoted names and literals alone.
type attempt struct {
	statements []string
	// take is given the results of the statements, and what the server answered to the first that
	// failed, behind which there are none.
	take func(results []*pgconn.Result, refused *pgconn.PgError)
}

// send runs attempts, in one message as long as none fails. The error is that of a lost connection or
// of an interruption.
func send(ctx context.Context, conn *pgx.Conn, attempts []*attempt) error {
	pg := conn.PgConn()
	for len(attempts) > 0 {
		var text strings.Builder
		for _, a := range attempts {
			for _, sql := range a.statements {
				text.WriteString(sql + " " + marker + ";\n")
			}
		}
		results, err := pg.Exec(ctx, text.String()).ReadAll()
		if n := len(results); n > 0 && results[n-1].Err != nil {
			results = results[:n-1]
		}
		for len(attempts) > 0 && len(results) >= len(attempts[0].statements) {
			n := len(attempts[0].statements)
			attempts[0].take(results[:n], nil)
			results, attempts = results[n:], attempts[1:]
		}
		if err == nil && len(attempts) == 0 {
			return nil
		}
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || pg.IsClosed() || len(attempts) == 0 {
			return errors.Join(err, ctx.Err())
		}
		attempts[0].take(results, refused)
		attempts = attempts[1:]
		if pg.TxStatus() != 'I' {
			if _, err := pg.Exec(ctx, "ROLLBACK "+marker).ReadAll(); err != nil {
				return err
			}
		}
	}
	return nil
}

// transaction puts statements into a transaction that is rolled back, with settings for it alone.
func transaction(access string, settings [][2]string, statements ...string) []string {
	calls := make([]string, len(settings))
	for i, s := range settings {
		calls[i] = fmt.Sprintf("set_config(%s, %s, true)", literal(s[0]), literal(s[1]))
	}
	all := append([]string{"BEGIN " + access, "SELECT " + strings.Join(calls, ", ")}, statements...)
	return append(all, "ROLLBACK")
}

// answers are the results of the statements that transaction was given.
func answers(results []*pgconn.Result) []*pgconn.Result { return results[2 : len(results)-1] }

// yes reads a boolean of the first row of an answer.
func yes(answer *pgconn.Result, column int) bool {
	return len(answer.Rows) == 1 && column < len(answer.Rows[0]) && string(answer.Rows[0][column]) == "t"
}

// literal quotes a text so that it is the same under any standard_conforming_strings.
func literal(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// settingsOf are the settings of a transaction of the service: as its role, and of a tenant unless it
// is empty.
func (p *prober) settingsOf(tenant string) [][2]string {
	settings := append(p.own[:len(p.own):len(p.own)], [2]string{"role", p.role}, [2]string{"search_path", p.path})
	if tenant == "" {
		return settings
	}
	for _, name := range p.audit.Model.Settings {
		value := tenant
		if strings.HasSuffix(name, "claims") { // a token's, as PostgREST puts them into a setting
			claims := map[string]any{"tenant_id": tenant, "app_metadata": map[string]string{"tenant_id": tenant}}
			for _, column := range p.audit.Model.Columns {
				claims[column] = tenant
			}
			text, _ := json.Marshal(claims) // of strings alone
			value = string(text)
		}
		settings = append(settings, [2]string{name, value})
	}
	return settings
}
