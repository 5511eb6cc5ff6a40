package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// tryLeakproof lets a function that is marked LEAKPROOF judge the rows of tables whose row-level security hides those of
// B. It is given a value over which it fails: that it fails tells that it saw the row.
func (p *prover) tryLeakproof(ctx context.Context, f *pgschema.Function) error {
	const kind = "function"
	name := f.Name.String() + "(" + strings.Join(f.Args, ", ") + ")"
	values, err := p.failing(ctx, f)
	if err != nil {
		return err
	}
	for _, t := range p.tables {
		if !t.owned || !t.stores() || !t.rel.RowSecurity || len(t.rows[tenantB]) == 0 || t.class == nil {
			continue
		}
		own := t.column(t.class.Column)
		if own == nil || !own.canSelect {
			continue
		}
		for _, c := range t.columns {
			if c.base != f.Args[0] || !c.canSelect || c.computed || t.tenantColumn(c.name) {
				continue
			}
			for _, value := range values {
				crossed, err := p.fails(ctx, t, c, own, f, value, name)
				if crossed || err != nil {
					return err
				}
			}
		}
	}
	reason := "no row that it was given made it fail"
	if len(values) == 0 {
		reason = "no value was found over which it fails"
	}
	p.cell(name, kind, Call, NotTried, reason)
	return nil
}

// fails reports whether a function fails over a value in a row of B that a session of A does not see.
func (p *prover) fails(ctx context.Context, t *table, c, own *column, f *pgschema.Function, value, name string) (bool, error) {
	belongs := p.belongs(t, "t", tenantB, 0)
	if belongs == "" {
		return false, nil
	}
	set := fmt.Sprintf("UPDATE %s t SET %s = %s WHERE %s", t.sql(), quoteName(c.name), literal(value), belongs)
	statement := fmt.Sprintf("SELECT * FROM %s WHERE %s <> %s AND %s.%s(%s) IS NOT NULL", t.sql(), quoteName(own.name), literal(p.tenants[tenantA].id(own.base)),
		quoteName(f.Schema), quoteName(f.Name.Name), quoteName(c.name))
	with, err := p.attempt(ctx, p.states[0], statement, replica, set, "SET LOCAL session_replication_role = origin")
	if err != nil || with.err == nil {
		return false, err
	}
	without, err := p.attempt(ctx, p.states[0], statement, p.clear(t, tenantB)...)
	if err != nil || code(without.result) == code(with.result) {
		return false, err
	}
	p.cell(name, "function", Call, Refuted, fmt.Sprintf("it sees rows of another tenant in %s, as its error tells: %s", t.rel.Name, with.err.Message),
		append([]string{fmt.Sprintf("-- while a row of tenant B has %s in %s", literal(value), c.name)}, with.script...)...).Reaches = t.rel.Name.String()
	return true, nil
}

// failing returns values of its argument over which a function fails.
func (p *prover) failing(ctx context.Context, f *pgschema.Function) (values []string, err error) {
	list := append([]string{"x", "", "0", "-1", "1"}, literalsIn(f.Body)...)
	list = append(list, p.candidates(&column{name: "arg", base: f.Args[0], labels: p.labels(f.Args[0])}, tenantB, 0)...)
	for _, value := range list {
		valid, err := p.read(ctx, p.states[0], fmt.Sprintf("SELECT %s::%s", literal(value), f.Args[0]))
		if err != nil {
			return nil, err
		}
		if valid.err != nil || slices.Contains(values, value) {
			continue
		}
		r, err := p.read(ctx, p.states[0], fmt.Sprintf("SELECT %s.%s(%s)", quoteName(f.Schema), quoteName(f.Name.Name), literal(value)))
		if err != nil {
			return nil, err
		}
		if r.err != nil && !r.denied() {
			values = append(values, value)
		}
	}
	return values, nil
}
