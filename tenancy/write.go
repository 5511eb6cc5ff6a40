package tenancy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Write returns the text of a model file that says what a model says, with a comment on every key.
// Tables that nobody classified are proposed, commented out, as shared tables that wait for a reason.
func Write(m *Model, unclassified []string) []byte {
	w := &writer{}
	w.comment("", "What a tenant is in this repository, for tenantvet. Every key may be left out; it is then inferred.")
	w.blank()
	w.comment("", "How tenants are kept apart: shared-schema, schema-per-tenant, database-per-tenant or hybrid.")
	w.line("pattern: %s", or(m.Pattern, SharedSchema))

	w.blank()
	w.line("tenant:")
	w.comment("  ", "Columns that hold the tenant id; case and underscores do not matter. The first is the tenant,")
	w.comment("  ", "further ones are other spellings or what encloses it, such as the organization of a project.")
	w.list("  ", "columns", m.Columns, "tenant_id")
	w.comment("  ", "SQL type of the column.")
	w.value("  ", "type", m.ColumnType, "uuid")
	w.comment("  ", "Settings that carry the tenant, as in set_config('app.tenant_id', $1, true).")
	w.list("  ", "settings", m.Settings, "app.tenant_id")
	w.comment("  ", "Table with one row per tenant.")
	w.value("  ", "registry", m.Registry, "tenants")

	w.blank()
	w.comment("", "Database roles by what they do: the service, the owner of the tables, readers across tenants,")
	w.comment("", "and the role of tenantvet audit.")
	w.line("roles:")
	w.list("  ", "app", m.Roles.App, "app")
	w.list("  ", "owner", m.Roles.Owner, "owner")
	w.list("  ", "analytics", m.Roles.Analytics, "reporting")
	w.list("  ", "auditor", m.Roles.Auditor, "auditor")

	w.blank()
	w.comment("", "What keeps tenants apart: rls (row-level security), predicate (a condition in each statement) or both.")
	w.line("enforcement: %s", or(m.Enforcement, EnforcePredicate))

	w.blank()
	w.comment("", "Tables that belong to no tenant on purpose, each with the reason.")
	w.shared(m.Shared, unclassified)

	w.blank()
	w.comment("", "SQL that makes the schema, in the order in which it applies: files, folders or patterns (* and **).")
	w.comment("", "Formats: goose, golang-migrate, sql-migrate, dbmate, atlas, flyway, tern, plain, pg_dump.")
	w.sources("migrations", m.Migrations, "migrations")
	w.blank()
	w.comment("", "Query files, such as those of sqlc.")
	w.sources("queries", m.Queries, "queries/*.sql")

	w.blank()
	w.goNames(&m.Go)

	w.blank()
	w.comment("", "Major version of PostgreSQL that the schema is meant for.")
	if m.PGVersion != 0 {
		w.line("pg_version: %d", m.PGVersion)
	} else {
		w.line("# pg_version: 16")
	}
	return []byte(w.String())
}

type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
func (w *writer) comment(indent, text string)     { w.line("%s# %s", indent, text) }
func (w *writer) blank()                          { w.line("") }

// value writes a key, commented out with an example when it has no value.
func (w *writer) value(indent, key, value, example string) {
	if value == "" {
		w.line("%s# %s: %s", indent, key, example)
		return
	}
	w.line("%s%s: %s", indent, key, scalar(value))
}

// list writes a key with a list, commented out with an example when the list is empty.
func (w *writer) list(indent, key string, values []string, example string) {
	if len(values) == 0 {
		w.line("%s# %s: [%s]", indent, key, example)
		return
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = scalar(v)
	}
	w.line("%s%s: [%s]", indent, key, strings.Join(quoted, ", "))
}

func (w *writer) shared(tables []SharedTable, unclassified []string) {
	w.line("shared:")
	for _, t := range tables {
		w.line("  - table: %s\n    reason: %s", scalar(t.Name), scalar(t.Reason))
	}
	if len(unclassified) > 0 {
		w.line("  # Nothing says how these belong to a tenant: add a reason, or a tenant column.")
	} else if len(tables) == 0 {
		unclassified = []string{"plans"}
	}
	for _, name := range unclassified {
		w.line("  # - table: %s\n  #   reason:", scalar(name))
	}
}

func (w *writer) sources(key string, sources []Source, example string) {
	if len(sources) == 0 {
		w.line("# %s:\n#   - path: %s", key, example)
		return
	}
	w.line("%s:", key)
	for _, s := range sources {
		w.line("  - path: %s", scalar(s.Glob))
		if s.Format != Auto {
			w.line("    format: %s", s.Format)
		}
	}
}

func (w *writer) goNames(g *Go) {
	w.line("go:")
	w.comment("  ", "Types whose values are a tenant or hold one.")
	w.list("  ", "types", g.Types, "example.com/app/auth.Principal")
	w.comment("  ", "Variables, fields and parameters that hold a tenant id, beside those named like the columns.")
	w.list("  ", "variables", g.Variables, "tid")
	w.comment("  ", "Functions that take the tenant from a context.")
	w.list("  ", "accessors", g.Accessors, "example.com/app/auth.TenantFromContext")
	w.comment("  ", "Functions that set the tenant on a transaction, or call back with one on which it is set.")
	w.list("  ", "scopers", g.Scopers, "example.com/app/db.WithTenant")
	w.comment("  ", "Functions and packages that read across tenants on purpose, each with the reason.")
	if len(g.CrossTenant) == 0 {
		w.line("  # cross_tenant:\n  #   - name: example.com/app/billing.Rollup\n  #     reason: nightly rollup")
	} else {
		w.line("  cross_tenant:")
		for _, c := range g.CrossTenant {
			w.line("    - name: %s\n      reason: %s", scalar(c.Name), scalar(c.Reason))
		}
	}
	w.comment("  ", "Whether _test.go files are analysed.")
	w.line("  tests: %t", g.Tests)
}

func or[T ~string](value, fallback T) T {
	if value == "" {
		return fallback
	}
	return value
}

var (
	plainScalar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./ ()-]*$`)
	// yamlWords are plain words that YAML 1.1 or 1.2 takes for something other than a string.
	yamlWords = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
)

// scalar writes a string so that YAML reads it as that string.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !strings.HasSuffix(s, " ") && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}
