package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// routine is a function or procedure that does what its caller may not, or that sets a tenant up.
type routine struct {
	*pgschema.Function
	name string
	call string
	// sets says that it sets a setting that must not outlive the transaction.
	sets bool
	seen map[*state][3]result
}

// loadRoutines finds the routines that the role may call, with arguments for them.
func (p *prover) loadRoutines(ctx context.Context) error {
	rows, err := p.admin.Query(ctx, `SELECT n.nspname::text, f.proname::text, ARRAY(SELECT format_type(t, NULL) FROM unnest(f.proargtypes::oid[]) t)
		FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
		WHERE has_function_privilege($1, f.oid, 'EXECUTE') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND f.prokind IN ('f', 'p')`, p.role)
	if err != nil {
		return err
	}
	type signature struct {
		Schema, Name string
		Args         []string
	}
	callable, err := pgx.CollectRows(rows, pgx.RowToStructByPos[signature])
	if err != nil {
		return err
	}
	for _, f := range p.Schema.Functions {
		may := slices.ContainsFunc(callable, func(s signature) bool {
			return s.Schema == f.Schema && s.Name == f.Name.Name && slices.Equal(s.Args, f.Args)
		})
		if may && f.Extension == "" && f.Leakproof && f.Language != "internal" && len(f.Args) == 1 {
			p.leakproof = append(p.leakproof, f)
		}
		sets := p.setsTenant(f)
		if f.Extension != "" || !may || !f.SecurityDefiner && !sets || strings.Contains(f.Returns, "trigger") {
			continue
		}
		r := &routine{Function: f, name: f.Name.String() + "(" + strings.Join(f.Args, ", ") + ")", sets: sets, seen: map[*state][3]result{}}
		r.call = p.callStatement(f)
		p.routines = append(p.routines, r)
	}
	return nil
}

// setsTenant reports whether a function sets a setting that tells whose session it is.
func (p *prover) setsTenant(f *pgschema.Function) bool {
	body := strings.ToLower(f.Body)
	if !strings.Contains(body, "set_config") && !strings.Contains(body, "set ") {
		return false
	}
	return strings.Contains(body, "'search_path'") || slices.ContainsFunc(p.settings, func(s setting) bool { return strings.Contains(body, strings.ToLower(s.name)) })
}

// callStatement calls a function as a request of tenant A would.
func (p *prover) callStatement(f *pgschema.Function) string {
	var args []string
	for i, sqlType := range f.Args {
		if f.Defaults[i] != nil && i > 0 {
			break
		}
		value := ""
		switch name := strings.TrimLeft(f.ArgNames[i], "_"); {
		case p.Model.IsTenantColumn(name) || p.setsTenant(f):
			value = p.tenants[tenantA].id(sqlType)
		case p.isUser(name) || tenancy.SameName(name, "user_id"):
			value = p.tenants[tenantA].user(sqlType)
		case isNumber(sqlType):
			value = "0"
		default:
			value = p.candidates(&column{name: "arg", base: sqlType, labels: p.labels(sqlType)}, tenantA, 0)[0]
		}
		args = append(args, literal(value))
	}
	name := quoteName(f.Schema) + "." + quoteName(f.Name.Name)
	if f.Procedure {
		return fmt.Sprintf("CALL %s(%s)", name, strings.Join(args, ", "))
	}
	return fmt.Sprintf("SELECT * FROM %s(%s)", name, strings.Join(args, ", "))
}

// labels are those of an enumeration, by the name of the type as the server prints it.
func (p *prover) labels(sqlType string) []string {
	for name, t := range p.Schema.Types {
		if name.String() == sqlType || name.Schema == "public" && name.Name == sqlType {
			return t.Labels
		}
	}
	return nil
}

// readRoutine notes what a function returns while the rows up to those of owner are there.
func (p *prover) readRoutine(ctx context.Context, s *state, r *routine, owner int) error {
	if !r.SecurityDefiner || s.readsOnly {
		return nil
	}
	answer, err := p.read(ctx, s, r.call)
	if err != nil {
		return err
	}
	seen := r.seen[s]
	seen[owner] = answer
	r.seen[s] = seen
	return nil
}

// tryCall enters what calling a routine returned, did and left behind.
func (p *prover) tryCall(ctx context.Context, r *routine) error {
	kind := "function"
	if r.Procedure {
		kind = "procedure"
	}
	if r.sets {
		left, err := p.leftBehind(ctx, r)
		if err != nil {
			return err
		}
		if left != "" {
			p.cell(r.name, kind, Call, Refuted, left+" outlives the transaction, so the next request on the connection is this tenant's", "BEGIN", r.call, "COMMIT")
			return nil
		}
		p.cell(r.name, kind, Call, Proved, "what it sets ends with the transaction")
	}
	if !r.SecurityDefiner {
		return nil
	}
	verdict, reason := Proved, ""
	for _, s := range p.states {
		if s.readsOnly {
			continue
		}
		n, err := p.crossed(ctx, s, r.call, r.seen[s])
		if err != nil {
			return err
		}
		if n > 0 && !unasked(s, r.seen[s]) {
			p.cell(r.name, kind, Call, Refuted, "it returns what another tenant's rows decide, in a session "+s.name, append(append([]string{"BEGIN"}, s.setup...), r.call)...)
			return nil
		}
		o, err := p.attempt(ctx, s, r.call)
		if err != nil {
			return err
		}
		if o.err == nil {
			if h := p.harm(o, s.owner); h.what != "" {
				p.cell(r.name, kind, Call, Refuted, h.what+" in a session "+s.name, o.script...).Reaches = h.relation
				return nil
			}
		} else if s.owner == tenantA && !o.denied() {
			verdict, reason = NotTried, "the call fails: "+o.err.Message
		}
	}
	p.cell(r.name, kind, Call, verdict, reason)
	return nil
}

// leftBehind calls a routine in a transaction of its own and returns the setting that is still there
// behind its end.
func (p *prover) leftBehind(ctx context.Context, r *routine) (string, error) {
	conn, err := p.session(ctx, p.Role)
	if err != nil {
		return "", err
	}
	names := []string{"search_path"}
	for _, s := range p.settings {
		names = append(names, s.name)
	}
	look := func() (values []string, err error) {
		for _, name := range names {
			var value string
			if err := conn.QueryRow(ctx, "SELECT coalesce(current_setting($1, true), '')", name).Scan(&value); err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		return values, nil
	}
	before, err := look()
	if err != nil {
		return "", err
	}
	for _, sql := range []string{"BEGIN", r.call, "COMMIT"} {
		if _, err := exec(ctx, conn, sql); err != nil {
			return "", err
		}
	}
	after, err := look()
	if err != nil {
		return "", err
	}
	if p.marks, err = p.measure(ctx, p.admin); err != nil { // what it has changed stays changed
		return "", err
	}
	for i, name := range names {
		if before[i] != after[i] {
			return name, nil
		}
	}
	return "", nil
}

// unasked reports whether a call failed in a session without a tenant for want of the setting: that it goes on once there
// are rows is the choice of the planner, which then asks for it later or never, and tells none of the rows. What
// current_setting of a setting that nobody has set ends in is that there is none, or that the empty text is no number or uuid
// (PostgreSQL manual, appendix A).
func unasked(s *state, seen [3]result) bool {
	const unknownSetting, notOfType = "42704", "22P02"
	err := seen[nobody].err
	return s.owner == nobody && err != nil && (err.Code == unknownSetting || err.Code == notOfType)
}
