package livecheck

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
)

// bypassQuery returns, for a role and for each role it can become with SET ROLE, what exempts it
// from row-level security (PostgreSQL manual, 5.9): its attributes, and the tables it owns, also by
// inherited membership, that do not force row security on their owner. The option SET of a
// membership came with version 16; before, every member could become the role.
const bypassQuery = `
SELECT r.rolname::text, r.rolname = $1, r.rolsuper, r.rolbypassrls, coalesce(owned.schemas, '{}'), coalesce(owned.tables, '{}')
FROM pg_roles r
LEFT JOIN LATERAL (
	SELECT array_agg(n.nspname::text ORDER BY n.nspname, c.relname) AS schemas,
		array_agg(c.relname::text ORDER BY n.nspname, c.relname) AS tables
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND NOT c.relforcerowsecurity
	AND pg_has_role(r.oid, c.relowner, 'USAGE')
) owned ON true
WHERE pg_has_role($1::name, r.oid, '%s')
ORDER BY r.rolname <> $1, r.rolname ` + marker

// exemption is what frees one role from row-level security.
type exemption struct {
	role      string
	itself    bool
	superuser bool
	bypassRLS bool
	schemas   []string // of the owned tables
	tables    []string
}

// bypass judges one role by its name.
func bypass(ctx context.Context, tx pgx.Tx, role string) (finding.Result, error) {
	var result finding.Result
	var version int
	var exists bool
	err := tx.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) `+marker, role).
		Scan(&version, &exists)
	if err != nil {
		return result, err
	}
	if !exists {
		result.Skipped = append(result.Skipped, finding.Skipped{What: "role " + role, Reason: "the server has no such role", Broken: true})
		return result, nil
	}
	become := "SET"
	if version < 160000 {
		become = "MEMBER"
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(bypassQuery, become), role)
	if err != nil {
		return result, err
	}
	exemptions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e exemption, err error) {
		return e, row.Scan(&e.role, &e.itself, &e.superuser, &e.bypassRLS, &e.schemas, &e.tables)
	})
	if err != nil {
		return result, err
	}
	for _, e := range exemptions {
		if f, ok := e.finding(role); ok {
			result.Findings = append(result.Findings, f)
			if e.itself && e.superuser {
				break // whatever else it can become adds nothing
			}
		}
	}
	return result, nil
}

func (e exemption) finding(role string) (finding.Finding, bool) {
	var why string
	fix := &finding.Fix{Message: "connect as a role that is neither superuser nor BYPASSRLS and owns no table"}
	switch {
	case e.superuser:
		why = "a superuser"
		if e.itself {
			fix.Code = fmt.Sprintf("ALTER ROLE %s NOSUPERUSER NOBYPASSRLS;", quote(e.role))
		}
	case e.bypassRLS:
		why = "BYPASSRLS"
		if e.itself {
			fix.Code = fmt.Sprintf("ALTER ROLE %s NOBYPASSRLS;", quote(e.role))
		}
	case len(e.tables) > 0:
		why = "owner of " + someOf(e.tables, "more tables")
		fix.Message = "force row security on the owner too, or connect as a role that owns no table"
		var code []string
		for i := range e.tables {
			code = append(code, fmt.Sprintf("ALTER TABLE %s.%s FORCE ROW LEVEL SECURITY;", quote(e.schemas[i]), quote(e.tables[i])))
		}
		fix.Code = strings.Join(code, "\n")
	default:
		return finding.Finding{}, false
	}
	if e.itself {
		f := finding.New("connection-bypasses-rls", finding.Position{}, "role "+role,
			"role %s is %s, so no policy keeps its sessions from the rows of other tenants", role, why)
		f.Fix = fix
		return f, true
	}
	f := finding.New("connection-bypasses-rls", finding.Position{}, "role "+role,
		"role %s can become %s by SET ROLE, which is %s, so one injected statement lifts every policy", role, e.role, why)
	f.Severity = finding.Warning
	f.Fix = &finding.Fix{Message: "revoke the membership", Code: fmt.Sprintf("REVOKE %s FROM %s;", quote(e.role), quote(role))}
	return f, true
}

// someOf lists a few names, and counts the rest as more.
func someOf(names []string, more string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d %s", strings.Join(names[:few], ", "), len(names)-few, more)
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
