package prove

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/tenancy"
)

// Whose rows and sessions there are. The rows of nobody are those of shared tables.
const (
	nobody = iota
	tenantA
	tenantB
)

// tenant has the values by which the rows of a tenant are told from those of the other.
type tenant struct {
	letter string // "a" or "b"
	// key is the type of tenant keys, which columns of text hold as well where they are of another.
	key    string
	name   string // of which that of tenant A is the beginning, as of the numbers: LIKE tells
	uuid   string
	number int // small enough for smallint
	person int // added to a number to make that of its user
}

// id returns the tenant's id as a column of a type holds it.
func (t *tenant) id(sqlType string) string {
	switch {
	case sqlType == "uuid":
		return t.uuid
	case isNumber(sqlType):
		return fmt.Sprint(t.number)
	case t.key == "uuid" || isNumber(t.key):
		return t.id(t.key)
	}
	return "tenant-" + t.name
}

// user returns the id of the tenant's user.
func (t *tenant) user(sqlType string) string {
	switch {
	case sqlType == "uuid":
		return fmt.Sprintf("0%s000000-0000-4000-8000-00000000000%s", t.letter, t.letter)
	case isNumber(sqlType):
		return fmt.Sprint(t.number + t.person)
	}
	return "user-" + t.letter
}

func isNumber(sqlType string) bool {
	return slices.Contains([]string{"smallint", "integer", "bigint", "numeric", "oid"}, sqlType) || strings.HasPrefix(sqlType, "numeric(")
}

// setting is a custom setting that tells whose session it is.
type setting struct {
	name string
	// sqlType is the type of the columns it is compared with.
	sqlType string
	// user says that it carries the user instead of the tenant; claims that it is a JSON object.
	user, claims bool
}

func (s setting) value(t *tenant, m *tenancy.Model) string {
	switch {
	case s.claims:
		return claims(t, m)
	case s.user:
		return t.user(s.sqlType)
	}
	return t.id(s.sqlType)
}

// claims are those of a token, as PostgREST puts them into a setting.
func claims(t *tenant, m *tenancy.Model) string {
	values := map[string]any{"sub": t.user("uuid"), "user_id": t.user("uuid"), "role": "authenticated"}
	for _, column := range m.Columns {
		values[column] = t.id(m.ColumnType)
	}
	values["app_metadata"] = map[string]any{"tenant_id": t.id(m.ColumnType)}
	text, _ := json.Marshal(values) // of strings alone
	return string(text)
}

// set returns the statements that make a transaction one of a tenant.
func (p *prover) set(owner int) (statements []string) {
	for _, s := range p.settings {
		statements = append(statements, fmt.Sprintf("SET LOCAL %s = %s", s.name, literal(s.value(p.tenants[owner], p.Model))))
	}
	return statements
}

var (
	readsSetting = regexp.MustCompile(`(?i)current_setting\s*\(\s*'([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+)'`)
	uuidLiteral  = regexp.MustCompile(`(?i)'([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})'`)
)

// findTenants decides on the ids of the tenants and on the settings that carry them.
func (p *prover) findTenants(ctx context.Context) error {
	p.tenants = [3]*tenant{
		tenantA: {letter: "a", key: p.Model.ColumnType, name: "a", uuid: "aaaaaaaa-0000-4000-8000-000000000001", number: 1001, person: 500},
		tenantB: {letter: "b", key: p.Model.ColumnType, name: "ab", uuid: "bbbbbbbb-0000-4000-8000-000000000002", number: 10012, person: 500},
	}
	text, err := p.definitions(ctx)
	if err != nil {
		return err
	}
	p.text = text
	// A tenant that the schema names is the one that others may fall into.
	if match := uuidLiteral.FindStringSubmatch(text); match != nil {
		p.tenants[tenantB].uuid = strings.ToLower(match[1])
	}
	for _, column := range p.Model.Columns {
		named := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(column) + `\s*=\s*(?:ANY \(ARRAY\[)?\(*'?(\d{1,4})\b`)
		if match := named.FindStringSubmatch(text); match != nil {
			if n, err := strconv.Atoi(match[1]); err == nil && n > 0 && n != p.tenants[tenantA].number {
				p.tenants[tenantB].number = n
			}
		}
	}
	names := slices.Clone(p.Model.Settings)
	for _, match := range readsSetting.FindAllStringSubmatch(text, -1) {
		if name := strings.ToLower(match[1]); !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	slices.Sort(names[len(p.Model.Settings):])
	for _, name := range names {
		if s, ok := p.setting(name); ok {
			p.settings = append(p.settings, s)
		}
	}
	if len(p.settings) == 0 {
		p.report.Notes = append(p.report.Notes, "no setting carries the tenant, so the sessions of two tenants are the same to the database; --setting names one")
	}
	return nil
}

// setting says what a setting carries, if it is known.
func (p *prover) setting(name string) (setting, bool) {
	last := name[strings.LastIndexByte(name, '.')+1:]
	s := setting{name: name, sqlType: p.Model.ColumnType}
	switch {
	case strings.HasSuffix(last, "claims"):
		s.claims = true
	case p.Model.IsTenantSetting(name):
	case p.Model.IsTenantColumn(last):
	case p.columnType(last) != "":
		s.user, s.sqlType = true, p.columnType(last)
	case last == "sub" || last == "user":
		s.user, s.sqlType = true, "uuid"
	default:
		return s, false
	}
	return s, true
}

// columnType returns the type of the columns of a name, if they can hold an id.
func (p *prover) columnType(name string) string {
	for _, r := range p.Schema.Sorted() {
		for _, c := range r.Columns {
			if tenancy.SameName(c.Name, name) && (c.Type == "uuid" || c.Type == "text" || isNumber(c.Type)) {
				return c.Type
			}
		}
	}
	return ""
}

// isUser reports whether a column holds the user that a setting carries.
func (p *prover) isUser(column string) bool {
	return slices.ContainsFunc(p.settings, func(s setting) bool {
		return s.claims && tenancy.SameName(column, "user_id") || s.user && tenancy.SameName(column, s.name[strings.LastIndexByte(s.name, '.')+1:])
	})
}

// definitions are the texts of all policies, views, functions, column defaults and setting defaults.
func (p *prover) definitions(ctx context.Context) (text string, err error) {
	err = p.admin.QueryRow(ctx, `SELECT coalesce(string_agg(d, E'\n'), '') FROM (
		SELECT concat_ws(E'\n', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
		UNION ALL SELECT pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
		UNION ALL SELECT concat_ws(E'\n', f.prosrc, pg_get_function_sqlbody(f.oid)) FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
			WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
			AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid AND e.deptype = 'e')
		UNION ALL SELECT quote_literal(substr(v, strpos(v, '=') + 1)) FROM pg_db_role_setting, unnest(setconfig) v) AS all_of (d)`).Scan(&text)
	return text, err
}
