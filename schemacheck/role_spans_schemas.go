package schemacheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("role-spans-schemas", checkRoleSpansSchemas)

// checkRoleSpansSchemas looks, where each tenant has a schema, for roles that reach the tables of several: with
// them it is the search path alone, which any statement may change or a qualified name passes by, that keeps
// tenants apart. It is a way across for a tenant's own role, a defect beside such roles, and a hint where
// the service has one role for all.
func checkRoleSpansSchemas(p *pass) {
	tenants := p.tenantSchemas()
	if len(tenants) < 2 {
		return
	}
	tables := p.tablesOf(tenants)
	spans := map[string][]string{}
	single := 0
	for _, name := range p.schemaRoles(tables) {
		if spans[name] = p.spans(name, tables); len(spans[name]) == 1 {
			single++
		}
	}
	own := distinctive(tenants)
	for _, name := range slices.Sorted(maps.Keys(spans)) {
		if len(spans[name]) > 1 {
			p.report(p.spanning(name, spans[name], ownSchema(name, own), single))
		}
	}
}

// tenantSchemas returns the schemas that tenants have of their own.
func (p *pass) tenantSchemas() []string { return p.classes.TenantSchemas(p.schema, p.model) }

// schemaRoles returns the roles that work on tenants' schemas: the application's of the model, else all but
// those that own the tables or that the model gives another task.
func (p *pass) schemaRoles(tables []*pgschema.Relation) []string {
	if len(p.model.Roles.App) > 0 {
		return p.model.Roles.App
	}
	others := roleSet{}
	for _, name := range slices.Concat(p.model.Roles.Owner, p.model.Roles.Analytics, p.model.Roles.Auditor) {
		others[name] = true
	}
	for _, r := range tables {
		others[p.roles.owner(r)] = true
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.schema.Roles)) {
		if !others[name] && !p.roles.attributes(name).Superuser {
			names = append(names, name)
		}
	}
	return names
}

// spans returns the schemas out of those of some tables, which are in order, in which a role reaches rows without
// SET ROLE.
func (p *pass) spans(name string, tables []*pgschema.Relation) []string {
	var reached []string
	schema, done := "", false // the one looked at, and whether that is settled
	for _, r := range tables {
		if r.Schema != schema {
			schema, done = r.Schema, !p.roles.mayUse(name, r.Schema)
		}
		if done || !slices.ContainsFunc(dml, func(privilege string) bool { return p.roles.mayAny(name, r, privilege) }) {
			continue
		}
		reached, done = append(reached, schema), true
	}
	return reached
}

func (p *pass) spanning(name string, reached []string, own string, single int) finding.Finding {
	at := p.spanOrigin(name, reached)
	others := slices.DeleteFunc(slices.Clone(reached), func(schema string) bool { return schema == own })
	var f finding.Finding
	switch {
	case own != "":
		f = finding.New("role-spans-schemas", at, name, "role %s of the tenant's schema %s reaches the rows of %s too, by their qualified names", name, own, list(others))
		f.Severity = finding.Error
	case single > 1:
		f = finding.New("role-spans-schemas", at, name,
			"role %s reaches the schemas of %d tenants, though %d other roles reach one each: a request that forgets SET ROLE or the search path works on another tenant's rows",
			name, len(reached), single)
	default:
		f = finding.New("role-spans-schemas", at, name,
			"role %s reaches the schemas of %d tenants: the search path alone keeps them apart, and a qualified name or one left over on the connection passes it by", name, len(reached))
		f.Severity = finding.Info
	}
	f.Evidence = []string{fmt.Sprintf("SELECT * FROM %s;", quoteName(p.anyTable(others)))}
	f.Fix = p.narrow(name, others, own != "")
	return f
}

// anyTable returns the first table of a schema out of some.
func (p *pass) anyTable(schemas []string) pgschema.Name {
	for _, r := range p.schema.Sorted() {
		if r.IsTable() && slices.Contains(schemas, r.Schema) {
			return r.Name
		}
	}
	return pgschema.Name{}
}

// ownSchema returns the tenant's schema that a role is named after, or "": tenant_acme for acme_app. Own are the
// schemas by a word that only one of them has.
func ownSchema(role string, own map[string]string) string {
	for _, word := range words(role) {
		if schema := own[word]; schema != "" {
			return schema
		}
	}
	return ""
}

// narrow says how a role comes to reach one schema at a time.
func (p *pass) narrow(name string, schemas []string, own bool) *finding.Fix {
	var code []string
	inherited := false
	for _, schema := range schemas {
		namespace := p.schema.Namespaces[schema]
		if namespace == nil {
			continue
		}
		for _, g := range namespace.Grants {
			switch {
			case g.Privilege != "usage" || !p.roles.privilegesOf(name)[g.Grantee]:
			case g.Grantee == name || g.Grantee == public:
				code = append(code, fmt.Sprintf("REVOKE USAGE ON SCHEMA %s FROM %s;", quote(schema), rolesList([]string{g.Grantee})))
			default:
				inherited = true
				if !p.roles.runtimeInherit() {
					code = append(code, fmt.Sprintf("GRANT %s TO %s WITH INHERIT FALSE;", quote(g.Grantee), quote(name)))
				}
			}
		}
	}
	if inherited && p.roles.runtimeInherit() {
		code = append(code, fmt.Sprintf("ALTER ROLE %s NOINHERIT;", quote(name)))
	}
	if own {
		return &finding.Fix{Message: "leave each tenant's role the rights in its own schema alone", Code: strings.Join(code, "\n")}
	}
	message := "give each tenant's schema a role, of which the service's is a member without inheriting, and begin each transaction with SET LOCAL ROLE"
	if inherited {
		return &finding.Fix{Message: "let it inherit nothing and begin each transaction with SET LOCAL ROLE", Code: strings.Join(code, "\n")}
	}
	return &finding.Fix{Message: message}
}

// spanOrigin returns where a role was let into the last of some schemas.
func (p *pass) spanOrigin(name string, schemas []string) finding.Position {
	have := p.roles.privilegesOf(name)
	var at finding.Position
	for _, schema := range schemas {
		if namespace := p.schema.Namespaces[schema]; namespace != nil {
			for _, g := range namespace.Grants {
				if g.Privilege == "usage" && have[g.Grantee] && g.Origin.IsValid() {
					at = g.Origin
				}
			}
		}
	}
	for _, m := range p.roles.memberships[name] {
		if m.Origin.IsValid() && have[m.Role] {
			at = m.Origin
		}
	}
	if !at.IsValid() {
		at = p.roles.attributes(name).Origin
	}
	return at
}
