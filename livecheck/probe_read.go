package livecheck

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// mayNot is why nothing is tried that a role has no right to.
const mayNot = "the role may not"

// read tries, as one tenant, to read rows of others, each by an equality of its own: that finds a row by
// the index on the tenant, or none at once.
func (p *prober) read(t *target) *step {
	if !t.mayRead() {
		t.cell("select", tenantSet, "").is(Proved, mayNot)
		return nil
	}
	if len(t.tenants) < 2 {
		return p.readAsNobody(t)
	}
	reads := make([]string, len(t.rows))
	for i, row := range t.rows {
		reads[i] = t.exists(row)
	}
	c := t.cell("select", tenantSet, p.shown(t.tenants[0], "SELECT "+strings.Join(reads[1:], ", ")))
	return &step{
		sql: "SELECT " + strings.Join(reads, ", "),
		take: func(seen *pgconn.Result, refused *pgconn.PgError) {
			if refused != nil {
				c.judgeRefusal(refused)
				return
			}
			for i := 1; i < len(reads); i++ {
				if yes(seen, i) {
					c.is(Refuted, "as tenant %s the role sees rows of tenant %s", t.tenants[0], t.tenants[i])
					return
				}
			}
			switch {
			case t.gap != "":
				c.is(Vacuous, "none is seen, and %s", t.gap)
				return
			case !yes(seen, 0):
				c.is(Vacuous, "tenant %s does not see its own rows either", t.tenants[0])
				return
			}
			c.is(Proved, "as tenant %s the role sees rows of that tenant and none of %s", t.tenants[0], strings.Join(t.tenants[1:], ", "))
		},
	}
}

// readAsNobody tries, where no two tenants are known, as one that does not exist: all rows are others'.
func (p *prober) readAsNobody(t *target) *step {
	c := t.cell("select", tenantSet, p.shown(p.nobody(), t.any()))
	return &step{
		sql: t.any(),
		take: func(seen *pgconn.Result, refused *pgconn.PgError) {
			switch {
			case refused != nil:
				c.judgeRefusal(refused)
			case yes(seen, 0):
				c.is(Refuted, "as a tenant that does not exist the role sees rows")
			default:
				c.is(Vacuous, "%s", t.lonely())
			}
		},
	}
}

// lonely says why there are no two tenants to try with.
func (t *target) lonely() string {
	switch {
	case t.gap != "":
		return t.gap
	case len(t.tenants) == 1:
		return fmt.Sprintf("no tenant but %s was found to have rows", t.tenants[0])
	}
	return "no row of a tenant was found"
}

// judgeRefusal takes what the server refuses for a verdict. That it refuses a session without a tenant, as
// to cast the empty text or to read a setting that is not there, is as it should be.
func (c *Probe) judgeRefusal(refused *pgconn.PgError) {
	expression := refused.Code == "42704" || refused.Code == "P0001" || strings.HasPrefix(refused.Code, "22")
	switch {
	case refused.Code == "42501", expression && c.State != tenantSet:
		c.is(Proved, "the server refuses: %s", said(refused))
	case expression:
		c.is(Vacuous, "with the tenant set the server refuses too: %s", said(refused))
	default:
		c.is(Skipped, "%s", said(refused))
	}
}

// any writes a statement that is true for any row of a tenant. Rows without a tenant may be everybody's.
func (t *target) any() string {
	if t.column == "" {
		return "SELECT " + t.exists("true")
	}
	return "SELECT " + t.exists(quote(t.column)+" IS NOT NULL")
}

// withoutTenant is an attempt without a tenant, while the tenant's settings meet a condition.
func (p *prober) withoutTenant(t *target, c *Probe, condition string) *attempt {
	var states []string
	for _, name := range p.audit.Model.Settings {
		states = append(states, fmt.Sprintf("current_setting(%s, true) %s", literal(name), condition))
	}
	inState := false
	c.Statement = p.shown("", t.any())
	return &attempt{"READ ONLY", p.settingsOf(""), []*step{
		{"SELECT " + strings.Join(states, " AND "), func(answer *pgconn.Result, refused *pgconn.PgError) {
			inState = refused == nil && yes(answer, 0)
		}},
		{t.any(), func(seen *pgconn.Result, refused *pgconn.PgError) {
			switch {
			case !inState:
				c.is(Skipped, "the session is not in this state: behind a pooler it was another client's before")
			case refused != nil:
				c.judgeRefusal(refused)
			case yes(seen, 0):
				c.is(Refuted, "without a tenant the role sees rows")
			case len(t.tenants) == 0 || t.gap != "":
				c.is(Vacuous, "%s", t.lonely())
			default:
				c.is(Proved, "without a tenant the role sees no row")
			}
		}},
	}}
}

// readSetBefore reads without a tenant, in the session in which one was set in the transaction before: the
// setting is the empty text from then on.
func (p *prober) readSetBefore(t *target) *attempt {
	c := t.cell("select", setBefore, "")
	if !t.mayRead() {
		c.is(Proved, mayNot)
		return nil
	}
	return p.withoutTenant(t, c, "= ''")
}

// nobody is a tenant that does not exist.
func (p *prober) nobody() string { return StatementOptions{}.tenant(p.audit.Model.ColumnType) }

// readNeverSet reads on the connection on which no tenant was ever set.
func (p *prober) readNeverSet(ctx context.Context, t *target) *Probe {
	c := &Probe{Relation: t.relation.Name.String(), Command: "select", State: neverSet}
	switch {
	case !t.mayRead():
		c.is(Proved, mayNot)
		return c
	case p.fresh == nil:
		c.is(Skipped, "there was no second connection to be had")
		return c
	}
	err := send(ctx, p.fresh, p.withoutTenant(t, c, "IS NULL"))
	if err != nil {
		c.is(Skipped, "the second connection was lost")
	}
	return c
}
