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

// attempt is one transaction of a probe, which is rolled back. Its settings are for it alone.
type attempt struct {
	access   string // "READ ONLY" or "READ WRITE"
	settings [][2]string
	steps    []*step
}

// step is a statement of an attempt, made of quoted names and literals alone. Take is given its answer,
// or what the server refused it with.
type step struct {
	sql  string
	take func(answer *pgconn.Result, refused *pgconn.PgError)
}

// statements are what is sent for an attempt: its steps stand behind the first two.
func (a *attempt) statements() []string {
	calls := make([]string, len(a.settings))
	for i, s := range a.settings {
		calls[i] = fmt.Sprintf("set_config(%s, %s, true)", literal(s[0]), literal(s[1]))
	}
	all := []string{"BEGIN " + a.access, "SELECT " + strings.Join(calls, ", ")}
	for _, s := range a.steps {
		all = append(all, s.sql)
	}
	return append(all, "ROLLBACK")
}

// send runs attempts, in one message as long as no step fails; the steps behind one that does go on in a
// transaction of their own. The error is that of a lost connection or of an interruption.
func send(ctx context.Context, conn *pgx.Conn, attempts ...*attempt) error {
	pg := conn.PgConn()
	for len(attempts) > 0 {
		var text strings.Builder
		for _, a := range attempts {
			for _, sql := range a.statements() {
				text.WriteString(sql + " " + marker + ";\n")
			}
		}
		results, err := pg.Exec(ctx, text.String()).ReadAll()
		if ctx.Err() != nil {
			return ctx.Err() // what the server said last is that the statement was cancelled
		}
		if n := len(results); n > 0 && results[n-1].Err != nil {
			results = results[:n-1]
		}
		for len(attempts) > 0 && len(results) >= len(attempts[0].steps)+3 {
			results, attempts = results[attempts[0].taken(results):], attempts[1:]
		}
		if err == nil && len(attempts) == 0 {
			return nil
		}
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || pg.IsClosed() || len(attempts) == 0 {
			return err
		}
		failed, done := attempts[0], len(results)-2
		if done < 0 || done >= len(failed.steps) {
			return fmt.Errorf("the role cannot be taken on: %w", refused)
		}
		failed.taken(results)
		failed.steps[done].take(nil, refused)
		attempts[0] = &attempt{failed.access, failed.settings, failed.steps[done+1:]}
		if pg.TxStatus() != 'I' {
			if _, err := pg.Exec(ctx, "ROLLBACK "+marker).ReadAll(); err != nil {
				return err
			}
		}
	}
	return nil
}

// taken hands out the answers to the steps of an attempt, and returns how many results it is over.
func (a *attempt) taken(results []*pgconn.Result) int {
	for i, s := range a.steps {
		if i+2 < len(results) {
			s.take(results[i+2], nil)
		}
	}
	return min(len(results), len(a.steps)+3)
}

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
	return append(settings, p.tenantSettings(tenant)...)
}

// tenantSettings are those that carry a tenant.
func (p *prober) tenantSettings(tenant string) (settings [][2]string) {
	if tenant == "" {
		return nil
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

// shown writes a statement as one would run it, with the role and the tenant set before it.
func (p *prober) shown(tenant, statement string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SET LOCAL ROLE %s; ", quote(p.role))
	for _, s := range p.tenantSettings(tenant) {
		fmt.Fprintf(&b, "SET LOCAL %s = %s; ", s[0], literal(s[1]))
	}
	return b.String() + statement
}
