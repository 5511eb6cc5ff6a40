package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// patienceRows is how many values are tried before a row is given up.
const patienceRows = 80

// What a trigger that fires itself ends in (PostgreSQL manual, PostgreSQL Error Codes): the depth of the stack, or the
// patience of the session.
const tooDeep, cancelled = "54001", "57014"

// insert makes one row as the superuser, in the name of its owner, and returns it; nil with the table's
// problem set when the server accepts none. Unless it is kept, the row is gone again. The statements in
// before run first.
func (p *prover) insert(ctx context.Context, t *table, owner, variant int, keep bool, before ...string) (values, error) {
	d := p.draft(t, owner, variant, keep)
	if d.problem != "" {
		t.problem = d.problem
		return nil, nil
	}
	end := "ROLLBACK"
	defer func() { must(context.WithoutCancel(ctx), p.admin, end) }()
	if err := must(ctx, p.admin, script(slices.Concat([]string{"BEGIN"}, before, p.owner(owner))...)); err != nil {
		return nil, err
	}
	var base map[mark]content
	if keep && t.acts() {
		var err error
		if base, err = p.measure(ctx, p.admin); err != nil {
			return nil, err
		}
	}
	for try := range patienceRows {
		if err := must(ctx, p.admin, "SAVEPOINT draft"); err != nil {
			return nil, err
		}
		if refused := try == patienceRows/2; refused || t.endless {
			// Triggers that refuse the row, perhaps; without them it is at least there.
			if err := must(ctx, p.admin, "SET LOCAL session_replication_role = replica"); err != nil {
				return nil, err
			}
		}
		r, err := exec(ctx, p.admin, insertStatement(t.sql(), d.row, d.t)+" RETURNING *")
		if err != nil {
			return nil, err
		}
		if r.err == nil && len(r.rows) == 1 {
			if r2, err := exec(ctx, p.admin, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
				return nil, err
			} else if r2.err == nil {
				disturbed, err := p.disturbed(ctx, base, owner)
				if err != nil {
					return nil, err
				}
				if disturbed {
					base = nil
					if err := must(ctx, p.admin, "ROLLBACK TO draft", replica); err != nil {
						return nil, err
					}
					continue
				}
				if keep {
					end = "COMMIT"
				}
				t.problem = ""
				return named(r), nil
			} else {
				r = r2
			}
		}
		if err := must(ctx, p.admin, "ROLLBACK TO draft"); err != nil {
			return nil, err
		}
		t.problem = "the server accepts no row"
		if r.err != nil {
			t.problem = r.err.Message
		}
		if !t.endless && r.err != nil && (r.err.Code == tooDeep || r.err.Code == cancelled) {
			t.endless = true // whatever the values are
			continue
		}
		if !d.revise(r.err) {
			break
		}
	}
	return nil, nil
}

// acts reports whether writing a table does something else too.
func (t *table) acts() bool { return len(t.rel.Triggers)+len(t.rel.Rules) > 0 }

// disturbed reports whether a trigger or rule, which the superuser has fired with more rights than a session of
// the owner has, changed rows of others.
func (p *prover) disturbed(ctx context.Context, base map[mark]content, owner int) (bool, error) {
	if base == nil {
		return false, nil
	}
	after, err := p.measure(ctx, p.admin)
	if err != nil {
		return false, err
	}
	for key, was := range base {
		if was.owner != owner && after[key] != was {
			return true, nil
		}
	}
	return false, nil
}

// owner returns the settings of whoever a row is made for.
func (p *prover) owner(owner int) []string {
	if owner == nobody {
		return nil
	}
	return p.set(owner)
}

func named(r result) values {
	v := values{}
	for i, name := range r.columns {
		v[name] = r.rows[0][i]
	}
	return v
}

// insertStatement writes an INSERT of a row, its columns in the order of the table.
func insertStatement(into string, v values, t *table) string {
	var names, constants []string
	overriding := ""
	for _, c := range t.columns {
		value, ok := v[c.name]
		if !ok {
			continue
		}
		names = append(names, quoteName(c.name))
		constants = append(constants, constant(value))
		if c.always {
			overriding = " OVERRIDING SYSTEM VALUE"
		}
	}
	if len(names) == 0 {
		return "INSERT INTO " + into + " DEFAULT VALUES"
	}
	return fmt.Sprintf("INSERT INTO %s (%s)%s VALUES (%s)", into, strings.Join(names, ", "), overriding, strings.Join(constants, ", "))
}

func constant(v *string) string {
	if v == nil {
		return "NULL"
	}
	return literal(*v)
}
