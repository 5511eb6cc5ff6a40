package finding

import "slices"

// Lens is the part of tenantvet that reports a rule.
type Lens string

const (
	// LensSQL rules judge one statement, in a query file or in Go.
	LensSQL Lens = "sql"
	// LensSchema rules judge the schema, replayed from migrations or read from a server.
	LensSchema Lens = "schema"
	// LensGo rules judge Go code.
	LensGo Lens = "go"
	// LensLive rules need a running server.
	LensLive Lens = "live"
	// LensDirective rules judge tenantvet's own directives.
	LensDirective Lens = "directive"
)

// Rule is one line of the catalogue. Its page is docs/rules/<Name>.md.
type Rule struct {
	Name     string
	Lens     Lens
	Category Category
	// Severity is the default; a rule may report a milder case with a lower one.
	Severity Severity
	// Summary is one sentence without a full stop.
	Summary string
}

// catalogue lists every rule, sorted by name within its lens.
var catalogue = []Rule{
	{"insert-without-tenant", LensSQL, Isolation, Error, "INSERT into a tenant table that does not set the tenant column"},
	{"predicate-fails-open", LensSQL, Isolation, Error, "tenant predicate that is true for every row when the tenant is NULL or empty"},
	{"query-by-id-unscoped", LensSQL, Isolation, Info, "tenant table reached by a unique key that does not carry the tenant"},
	{"query-unscoped", LensSQL, Isolation, Error, "statement that reaches rows of a tenant table without pinning the tenant"},
	{"tenant-list-query", LensSQL, Isolation, Info, "statement that reads a list of tenants at once"},
	{"truncate-tenant-table", LensSQL, Isolation, Error, "TRUNCATE of a tenant table, which removes the rows of all tenants"},
	{"update-moves-tenant", LensSQL, Isolation, Error, "UPDATE that assigns the tenant column"},
	{"upsert-crosses-tenant", LensSQL, Isolation, Error, "ON CONFLICT DO UPDATE that can overwrite another tenant's row"},

	{"app-role-owns-table", LensSchema, Isolation, Warning, "tenant table whose owner the application's role is"},
	{"concurrently-in-transaction", LensSchema, Migration, Warning, "index of a tenant table built, dropped or rebuilt CONCURRENTLY inside a transaction, which PostgreSQL refuses"},
	{"child-table-unpinned", LensSchema, Isolation, Error, "child table that its parent's row-level security does not protect"},
	{"default-privileges-open", LensSchema, Isolation, Info, "default privileges that hand each future table to the application"},
	{"foreign-key-crosses-tenant", LensSchema, Isolation, Error, "foreign key between tenant tables that does not carry the tenant"},
	{"function-bypasses-rls", LensSchema, Isolation, Error, "SECURITY DEFINER function that reaches rows of other tenants with its owner's rights"},
	{"function-search-path", LensSchema, Isolation, Warning, "SECURITY DEFINER function without a search_path of its own"},
	{"function-set-not-local", LensSchema, Isolation, Error, "function that sets the tenant for the session instead of the transaction"},
	{"grant-public", LensSchema, Isolation, Warning, "tenant table granted to PUBLIC"},
	{"grant-references", LensSchema, Isolation, Error, "application role that may refer to a tenant table by foreign keys of its own"},
	{"grant-truncate", LensSchema, Isolation, Error, "application role that may TRUNCATE a tenant table, which no policy prevents"},
	{"index-not-concurrent", LensSchema, Migration, Info, "index built on an existing tenant table without CONCURRENTLY"},
	{"index-not-tenant-leading", LensSchema, Performance, Warning, "index on a tenant table whose first column is not the tenant"},
	{"index-redundant-prefix", LensSchema, Performance, Info, "index on a tenant table that is the beginning of another one"},
	{"index-tenant-only", LensSchema, Performance, Info, "index on the tenant column alone that a composite index should replace"},
	{"index-unusable-under-rls", LensSchema, Performance, Warning, "index whose operators are not leakproof, so that the application cannot search by it under row-level security"},
	{"isolation-weakened", LensSchema, Migration, Warning, "migration that takes back a table's isolation: row-level security off, a policy widened or dropped, a tenant column or key dropped, a role freed"},
	{"large-object-exposed", LensSchema, Isolation, Error, "tenant's file kept as a large object, which row-level security does not cover"},
	{"leakproof-function", LensSchema, Isolation, Error, "function marked LEAKPROOF, which may run on rows that a policy hides"},
	{"matview-exposes-tenants", LensSchema, Isolation, Error, "materialized view over tenant tables that the application reads"},
	{"migration-blind-dml", LensSchema, Migration, Warning, "statement of a migration that changes no row, because row-level security binds the role that runs it"},
	{"notify-exposes-rows", LensSchema, Isolation, Error, "trigger that sends the content of a tenant's row by NOTIFY"},
	{"partition-exposed", LensSchema, Isolation, Error, "partition or inheritance child reachable by its own name, without row-level security of its own"},
	{"per-tenant-ddl", LensSchema, Hygiene, Warning, "table, column or index that is there for one tenant"},
	{"policy-bypass-setting", LensSchema, Isolation, Error, "policy that opens when a setting has a value, which any client can give it"},
	{"policy-fails-open", LensSchema, Isolation, Error, "policy that admits rows of other tenants while no tenant is set"},
	{"policy-hardcoded-tenant", LensSchema, Isolation, Error, "policy, view, function or default that names one tenant by its id"},
	{"policy-leaks", LensSchema, Isolation, Error, "policy whose expression admits rows of other tenants"},
	{"policy-role-mismatch", LensSchema, Isolation, Warning, "table whose policies are all for other roles than the application's"},
	{"policy-slow", LensSchema, Performance, Warning, "policy that isolates but keeps PostgreSQL from using the index on the tenant"},
	{"policy-unsafe-cast", LensSchema, Isolation, Info, "policy that casts the tenant setting without providing for the empty text"},
	{"policy-volatile-context", LensSchema, Isolation, Error, "policy that learns the tenant from a function marked IMMUTABLE"},
	{"policy-without-rls", LensSchema, Isolation, Error, "policy on a table whose row-level security is off"},
	{"policy-write-gap", LensSchema, Isolation, Error, "policies that confine what is read but not what is written"},
	{"rls-disabled", LensSchema, Isolation, Error, "tenant table without row-level security"},
	{"rls-no-policy", LensSchema, Isolation, Warning, "row-level security enabled without a policy: nobody but the owner sees a row"},
	{"rls-not-forced", LensSchema, Isolation, Warning, "row-level security that the table's owner is exempt from"},
	{"role-bypasses-rls", LensSchema, Isolation, Error, "application role that row-level security does not bind, or that can become one"},
	{"role-spans-schemas", LensSchema, Isolation, Warning, "role that reaches the schemas of several tenants"},
	{"rule-bypasses-rls", LensSchema, Isolation, Error, "rewrite rule that reaches rows of other tenants with the table owner's rights"},
	{"schema-drift", LensSchema, Isolation, Warning, "schema or database of one tenant that differs from those of the others"},
	{"search-path-falls-through", LensSchema, Isolation, Error, "table of public that a tenant's schema lacks and the application writes"},
	{"secret-column-exposed", LensSchema, Isolation, Info, "credentials that the application reads with every other column of a tenant table"},
	{"security-barrier-missing", LensSchema, Isolation, Error, "view that hides other tenants' rows by its condition but is no security barrier"},
	{"setting-default-tenant", LensSchema, Isolation, Error, "ALTER ROLE or ALTER DATABASE that gives each connection a tenant"},
	{"table-not-partitioned-by-tenant", LensSchema, Performance, Info, "table that is not partitioned by tenant beside others that are"},
	{"tenant-column-missing", LensSchema, Isolation, Warning, "table that is neither tenant, child of a tenant table, nor declared shared"},
	{"tenant-column-mutable", LensSchema, Isolation, Info, "tenant column that an UPDATE may change"},
	{"tenant-column-not-null-at-once", LensSchema, Migration, Info, "tenant column of an existing table that becomes NOT NULL in one step"},
	{"tenant-column-nullable", LensSchema, Isolation, Warning, "tenant column that accepts NULL"},
	{"tenant-column-type-drift", LensSchema, Performance, Warning, "tenant column of another type than the tenant's key"},
	{"tenant-index-missing", LensSchema, Performance, Error, "tenant table without any index that leads with the tenant"},
	{"unique-crosses-tenant", LensSchema, Isolation, Error, "unique key without the tenant, which tells which values other tenants have"},
	{"view-bypasses-rls", LensSchema, Isolation, Error, "view that reads or writes tenant tables with its owner's rights"},

	{"cache-key-unscoped", LensGo, Isolation, Error, "cache key that does not derive from the tenant"},
	{"pool-exec-mode-unsafe", LensGo, Isolation, Error, "query mode in which a transaction pooler runs another client's statement and returns its rows"},
	{"query-before-set", LensGo, Isolation, Error, "query in a transaction before the tenant setting is set"},
	{"set-injection", LensGo, Isolation, Error, "SET statement built from strings"},
	{"set-not-local", LensGo, Isolation, Error, "session-level SET of tenant context on a pooled connection"},
	{"set-outside-transaction", LensGo, Isolation, Error, "SET LOCAL outside a transaction, which has no effect"},
	{"set-with-parameter", LensGo, Isolation, Error, "SET with a bind parameter, which PostgreSQL always refuses"},
	{"tenant-unused", LensGo, Isolation, Warning, "function that has a tenant id and runs SQL on a tenant table without using it"},

	{"connection-bypasses-rls", LensLive, Isolation, Error, "role of the audited connection that row-level security does not bind"},
	{"migration-version-skew", LensLive, Migration, Warning, "database or tenant's schema at another migration than the others of the fleet"},
	{"pool-session-state", LensLive, Isolation, Error, "executed statement that leaves state in a session which a transaction pooler gives to the next client"},
	{"probe-refutes-isolation", LensLive, Isolation, Error, "attempt as the application's role that reached rows of another tenant on the running database"},
	{"schemas-over-limit", LensLive, Performance, Warning, "more tenants' schemas in one database than its catalog bears"},
	{"setting-floods-statistics", LensLive, Performance, Warning, "SET statements that fill pg_stat_statements with an entry for each tenant"},
	{"statement-multi-tenant-list", LensLive, Isolation, Info, "executed statement whose plan reads a list of tenants at once"},
	{"statement-skips-tenant-index", LensLive, Performance, Warning, "executed statement whose plan reads other tenants' rows on the way to one tenant's"},
	{"statement-unscoped", LensLive, Isolation, Error, "executed statement whose plan reads rows of every tenant"},
	{"tenant-misplaced", LensLive, Isolation, Error, "rows of a tenant in a database that the routing table does not give it"},
	{"tenant-placed-twice", LensLive, Isolation, Warning, "tenant that the routing table gives more than one database"},
	{"tenant-skewed", LensLive, Performance, Info, "tenant that takes more than a fifth of a table or of all rows"},
	{"tenant-table-unpartitioned", LensLive, Performance, Warning, "table with a tenant above 50 million rows that is not partitioned by tenant"},

	{"suppression-unknown-rule", LensDirective, Hygiene, Warning, "tenantvet:ignore with a rule that does not exist"},
	{"suppression-unused", LensDirective, Hygiene, Warning, "tenantvet:ignore that matches no finding"},
	{"suppression-without-reason", LensDirective, Hygiene, Warning, "tenantvet:ignore or tenantvet:cross-tenant without a reason"},
}

// Rules returns the catalogue in its order.
func Rules() []Rule { return slices.Clone(catalogue) }

// Lookup finds a rule by name.
func Lookup(name string) (Rule, bool) {
	i := slices.IndexFunc(catalogue, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return catalogue[i], true
}
