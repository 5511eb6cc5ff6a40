package livecheck

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
)

// callFunctions reads from functions that run with their owner's rights, as a tenant, and looks for rows
// of others in what they return. It calls none that is VOLATILE or needs an argument.
func (p *prober) callFunctions(ctx context.Context) error {
	var known *target // whose tenants to ask for
	for _, t := range p.targets {
		if known == nil || len(t.tenants) > len(known.tenants) {
			known = t
		}
	}
	for _, f := range p.audit.Schema.Functions {
		if !f.SecurityDefiner || f.Procedure || f.Extension != "" {
			continue
		}
		t := &target{relation: &pgschema.Relation{Name: f.Name}}
		p.functions = append(p.functions, t)
		column := p.tenantColumnOf(f)
		switch {
		case f.Volatility == 'v':
			t.cell("call", tenantSet, "").is(Skipped, "it is marked VOLATILE, so it may write")
			continue
		case !f.Accepts(0):
			t.cell("call", tenantSet, "").is(Skipped, "it needs arguments")
			continue
		case column == "":
			t.cell("call", tenantSet, "").is(Skipped, "it returns no tenant column")
			continue
		case known == nil || len(known.tenants) < 2:
			t.cell("call", tenantSet, "").is(Vacuous, "no two tenants with rows were found")
			continue
		}
		conditions := make([]string, len(known.tenants))
		for i, tenant := range known.tenants {
			conditions[i] = fmt.Sprintf("coalesce(bool_or(%s = %s), false)", quote(column), literal(tenant))
		}
		statement := fmt.Sprintf("SELECT %s FROM %s()", strings.Join(conditions, ", "), t.sql())
		c := t.cell("call", tenantSet, p.shown(known.tenants[0], statement))
		err := send(ctx, p.conn, &attempt{"READ ONLY", p.settingsOf(known.tenants[0]), []*step{{
			sql: statement,
			take: func(seen *pgconn.Result, refused *pgconn.PgError) {
				if refused != nil {
					c.judgeRefusal(refused)
					return
				}
				for i := 1; i < len(conditions); i++ {
					if yes(seen, i) {
						c.is(Refuted, "as tenant %s it returns rows of tenant %s", known.tenants[0], known.tenants[i])
						return
					}
				}
				if !yes(seen, 0) {
					c.is(Vacuous, "it returns no row of tenant %s either", known.tenants[0])
					return
				}
				c.is(Proved, "as tenant %s it returns rows of that tenant and none of %s", known.tenants[0], strings.Join(known.tenants[1:], ", "))
			},
		}}})
		if err != nil {
			return err
		}
	}
	return nil
}

var returnedTable = regexp.MustCompile(`^(?:SETOF )?([^(]+)$`)

// tenantColumnOf returns the tenant column of a function's result.
func (p *prober) tenantColumnOf(f *pgschema.Function) string {
	isTenant := p.audit.Model.IsTenantColumn
	if list, ok := strings.CutPrefix(f.Returns, "TABLE("); ok {
		for column := range strings.SplitSeq(strings.TrimSuffix(list, ")"), ",") {
			if name, _, _ := strings.Cut(strings.TrimSpace(column), " "); isTenant(name) {
				return name
			}
		}
		return ""
	}
	m := returnedTable.FindStringSubmatch(f.Returns)
	if m == nil {
		return ""
	}
	schema, name, qualified := strings.Cut(m[1], ".")
	if !qualified {
		schema, name = "", m[1]
	}
	r := p.audit.Schema.Lookup(schema, name)
	if r == nil {
		return ""
	}
	i := slices.IndexFunc(r.Columns, func(c *pgschema.Column) bool { return isTenant(c.Name) })
	if i < 0 {
		return ""
	}
	return r.Columns[i].Name
}
