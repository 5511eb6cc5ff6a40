package livecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
)

// insert tries, as one tenant, to insert a row of another. Policies are checked before NOT NULL and
// foreign keys, so a row of NULLs tells: if its tenant is let through, another constraint refuses it, and
// no sequence is used. The transaction is rolled back in any case.
func (p *prober) insert(t *target) *attempt {
	if t.table == nil || t.column == "" {
		return nil
	}
	var columns, values []string
	for _, c := range t.relation.Columns {
		if c.Generated == nil && c.Name != t.column {
			columns, values = append(columns, quote(c.Name)), append(values, "NULL")
		}
	}
	return p.write(t, "insert", t.rights.insert, func(foreign string) string {
		return fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)", t.sql(),
			strings.Join(append([]string{quote(t.column)}, columns...), ", "), strings.Join(append([]string{literal(foreign)}, values...), ", "))
	})
}

// move tries to make one row of the tenant's own another tenant's.
func (p *prober) move(t *target) *attempt {
	if t.table == nil || t.column == "" {
		return nil
	}
	return p.write(t, "update", t.rights.updatable != "", func(foreign string) string {
		return fmt.Sprintf("UPDATE %[1]s SET %[2]s = %[3]s WHERE ctid = (SELECT ctid FROM %[1]s WHERE %[4]s LIMIT 1)",
			t.sql(), quote(t.column), literal(foreign), t.rows[0])
	})
}

// movesTenant tells the cell of an UPDATE that changes the tenant from that of one that changes every row.
const movesTenant = "tenant set, changing it"

func (p *prober) write(t *target, command string, may bool, statement func(foreign string) string) *attempt {
	state := tenantSet
	if command == "update" {
		state = movesTenant
	}
	trigger := slices.IndexFunc(t.relation.Triggers, func(g *pgschema.Trigger) bool {
		return !g.Disabled && slices.Contains(g.Events, command) && g.Timing != "instead of"
	})
	switch {
	case !may || !t.rights.reach:
		t.cell(command, state, "").is(Proved, mayNot)
		return nil
	case len(t.tenants) < 2 || t.gap != "":
		t.cell(command, state, "").is(Vacuous, "%s", t.lonely())
		return nil
	case trigger >= 0:
		t.cell(command, state, "").is(Skipped, "trigger %s would run, and a rollback does not undo everything that one can do", t.relation.Triggers[trigger].Name)
		return nil
	case t.relation.Kind == pgschema.ForeignTable:
		t.cell(command, state, "").is(Skipped, "the table is on another server")
		return nil
	}
	sql := statement(t.tenants[1])
	c := t.cell(command, state, p.shown(t.tenants[0], sql))
	return &attempt{"READ WRITE", p.settingsOf(t.tenants[0]), []*step{{
		sql: sql,
		take: func(answer *pgconn.Result, refused *pgconn.PgError) {
			switch {
			case refused == nil && answer.CommandTag.RowsAffected() == 0:
				c.is(Vacuous, "tenant %s has no row that it may change", t.tenants[0])
			case refused == nil:
				c.is(Refuted, "the server accepts a row of tenant %s from tenant %s", t.tenants[1], t.tenants[0])
			case refused.Routine == "ExecWithCheckOptions": // row-level security; the message may be in any language
				c.is(Proved, "the server refuses: %s", refused.Message)
			case command == "insert" && (refused.Code == "23502" || refused.Code == "23503" || refused.Code == "23505"):
				c.is(Refuted, "no policy refuses a row of tenant %s from tenant %s: the first to refuse it was a constraint (%s)", t.tenants[1], t.tenants[0], refused.Message)
			default:
				c.is(Skipped, "%s", said(refused))
			}
		},
	}}}
}
