package prove

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// state is the condition of a session in which statements are tried.
type state struct {
	// name completes "… in a session".
	name string
	conn *pgx.Conn
	// setup are the statements with which each transaction begins.
	setup []string
	// owner is whose session it is: a tenant, or nobody's.
	owner int
	// readsOnly says that the state adds nothing to what is known about writing.
	readsOnly bool
}

// patience bounds each statement.
const patience = "10s"

// open finds out as whom statements run, and opens the sessions.
func (p *prover) open(ctx context.Context) (err error) {
	if p.admin, err = p.session(ctx, ""); err != nil {
		return err
	}
	if err := p.admin.QueryRow(ctx, "SELECT current_setting('server_version_num')::int / 10000").Scan(&p.major); err != nil {
		return err
	}
	p.report.Version = p.major
	p.role = p.Role
	become, err := p.becomes(ctx)
	if err != nil {
		return err
	}
	var own []string
	if usable, err := p.usable(ctx, p.Role); err != nil {
		return err
	} else if !usable {
		for _, b := range become {
			if usable, err := p.usable(ctx, b.role); err != nil {
				return err
			} else if usable && !b.bypasses {
				p.role = b.role
				own = []string{"SET LOCAL ROLE " + quote(b.role)}
				p.report.Notes = append(p.report.Notes, fmt.Sprintf("role %s has no rights of its own: each transaction changes to %s", p.Role, b.role))
				break
			}
		}
	}
	if err := p.findTenants(ctx); err != nil {
		return err
	}
	fresh, err := p.session(ctx, p.Role)
	if err != nil {
		return err
	}
	reused, err := p.session(ctx, p.Role)
	if err != nil {
		return err
	}
	asA := slices.Concat(own, p.set(tenantA))
	if err := must(ctx, reused, slices.Concat([]string{"BEGIN"}, asA, []string{"COMMIT"})...); err != nil {
		return fmt.Errorf("the session of a tenant cannot be set up: %w", err)
	}
	p.states = []*state{
		{name: "of tenant A", conn: reused, setup: asA, owner: tenantA},
		{name: "without a tenant, on a fresh connection", conn: fresh, setup: own, owner: nobody},
		{name: "without a tenant, on a reused connection", conn: reused, setup: own, owner: nobody},
	}
	for _, s := range p.switches() {
		p.states = append(p.states, &state{name: fmt.Sprintf("of tenant A that sets %s to '%s'", s.name, s.value), conn: reused,
			setup: slices.Concat(asA, []string{fmt.Sprintf("SET LOCAL %s = %s", s.name, literal(s.value))}), owner: tenantA})
	}
	for _, b := range become {
		if b.role != p.role && b.bypasses {
			p.states = append(p.states, &state{name: "of tenant A that changes to role " + b.role, conn: reused,
				setup: slices.Concat(p.set(tenantA), []string{"SET LOCAL ROLE " + quote(b.role)}), owner: tenantA, readsOnly: true})
		}
	}
	if role := p.Schema.Roles[p.Role]; role.CreateRole && !role.Superuser {
		for _, owner := range p.owners() {
			p.states = append(p.states, &state{name: "of tenant A that grants itself role " + owner, conn: reused,
				setup: slices.Concat(asA, []string{fmt.Sprintf("GRANT %s TO %s", quote(owner), quote(p.Role))}), owner: tenantA, readsOnly: true})
		}
	}
	return nil
}

// session opens a session that is closed with the run.
func (p *prover) session(ctx context.Context, role string) (*pgx.Conn, error) {
	conn, err := p.Session(ctx, role)
	if err != nil {
		return nil, err
	}
	p.conns = append(p.conns, conn)
	return conn, must(ctx, conn, "SET statement_timeout = '"+patience+"'", "SET client_min_messages = error")
}

func (p *prover) close() {
	for _, conn := range p.conns {
		conn.Close(context.Background())
	}
}

// becoming is a role that the service's role can change to.
type becoming struct {
	role     string
	bypasses bool // row-level security does not bind it
}

func (p *prover) becomes(ctx context.Context) ([]becoming, error) {
	privilege := "SET"
	if p.major < 16 {
		privilege = "MEMBER"
	}
	rows, err := p.admin.Query(ctx, `SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles
		WHERE rolname <> $1 AND rolname !~ '^pg_' AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = $1)
		AND pg_has_role($1, oid, '`+privilege+`') ORDER BY rolname`, p.Role)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (b becoming, err error) { return b, r.Scan(&b.role, &b.bypasses) })
}

// usable reports whether a role has any privilege on any relation.
func (p *prover) usable(ctx context.Context, role string) (yes bool, err error) {
	err = p.admin.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		AND (has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege($1, c.oid, 'DELETE, TRUNCATE')))`, role).Scan(&yes)
	return yes, err
}

// owners are the owners of tables with row-level security.
func (p *prover) owners() (names []string) {
	for _, r := range p.Schema.Sorted() {
		if r.RowSecurity && r.Owner != p.Role && !slices.Contains(names, r.Owner) {
			names = append(names, r.Owner)
		}
	}
	return names
}

// writes matches a single statement that changes rows.
var writes = regexp.MustCompile(`^(INSERT|UPDATE|DELETE) [^;]*;?$`)

// acting reports whether writing any table does something else too.
func (p *prover) acting() bool { return slices.ContainsFunc(p.tables, (*table).acts) }

// outcome is what an attempt did.
type outcome struct {
	result
	// script is what ran, from the start of the transaction.
	script []string
	// base and after have the marks before and behind it; after is nil when the statement failed.
	base, after map[mark]content
}

// attempt runs a statement in a state, measures what it did and rolls it back. With before, these
// statements run first as the superuser.
func (p *prover) attempt(ctx context.Context, s *state, statement string, before ...string) (o outcome, err error) {
	o.script = slices.Concat([]string{"BEGIN"}, s.setup, []string{statement})
	o.base = p.marks
	setup := script(append([]string{"BEGIN"}, s.setup...)...)
	if len(before) > 0 {
		setup = "BEGIN"
	}
	if o.result, err = exec(ctx, s.conn, setup); err != nil {
		return o, err
	}
	defer func() {
		if rollback := must(context.WithoutCancel(ctx), s.conn, "ROLLBACK"); err == nil {
			err = rollback
		}
	}()
	if o.err != nil {
		return o, nil
	}
	if len(before) > 0 {
		if err := must(ctx, s.conn, script(append([]string{"RESET SESSION AUTHORIZATION"}, before...)...)); err != nil {
			return o, err
		}
		if o.base, err = p.measure(ctx, s.conn); err != nil {
			return o, err
		}
		if o.result, err = exec(ctx, s.conn, script(append([]string{"SET SESSION AUTHORIZATION " + quote(p.Role)}, s.setup...)...)); err != nil || o.err != nil {
			return o, err
		}
	}
	if o.result, err = exec(ctx, s.conn, statement); err != nil || o.err != nil {
		return o, err
	}
	if o.affected == 0 && writes.MatchString(statement) && !p.acting() {
		o.after = o.base // nothing to look for
		return o, nil
	}
	// What the statement left to the end of the transaction is checked now.
	late, err := exec(ctx, s.conn, "SET CONSTRAINTS ALL IMMEDIATE; RESET SESSION AUTHORIZATION")
	if err != nil {
		return o, err
	}
	if late.err != nil {
		o.result = late
		return o, nil
	}
	o.after, err = p.measure(ctx, s.conn)
	return o, err
}

// denied reports whether the role lacks the privilege for what it tried.
func (r result) denied() bool {
	return r.err != nil && r.err.Code == "42501" && strings.HasPrefix(r.err.Message, "permission denied")
}

// guarded reports whether row-level security, or the lack of a tenant, refused a statement.
func (r result) guarded() bool {
	if r.err == nil {
		return false
	}
	switch r.err.Code {
	case "42501", // row-level security policy
		"42704", "22P02", "22023", // no tenant is set
		"44000": // WITH CHECK OPTION
		return true
	}
	return false
}
