package page

import "fmt"

// hostile is a name that a table may have, and that must stay a name.
const hostile = `</script><img src=x onerror="document.title='owned'">`

// sample has something in every section.
func sample() *Page {
	p := &Page{
		Verdict: "leaks", Headline: "4 errors, 2 warnings, 1 info, 1 undecided, 2 skipped", Basis: "6 statements, 9 tenant tables of 12",
		Version: "v0.1.0", When: "21 Nov 2026, 23:55 UTC",
		Databases: []Database{{Name: "db.internal/shop", Server: "18.4", Role: "auditor", Verdict: "leaks"}},
		Counts:    map[string]int{"error": 4, "warning": 2, "info": 1},
		Commands:  []string{"select", "insert", "update", "delete", "truncate"},
		Rules:     map[string]string{"rls-disabled": "https://example.com/rls-disabled", "statement-unscoped": "https://example.com/statement-unscoped"},
		Beside: []Beside{{Role: "shop_app", Rule: "function-set-not-local", Object: "public.enter(uuid)",
			Reason: "function public.enter sets the tenant for the session, which a pooled connection hands to the next client"}},
	}
	for _, r := range []Relation{
		{Name: "public.customers", Cells: "iiii-"},
		{Name: "public.orders", Cells: "iiii-"},
		{Name: "public.order_lines", Cells: "iiii-"},
		{Name: "public.notes", Cells: "lllll", Notes: []Note{{Commands: []string{"select"}, Verdict: "leaks", Rule: "rls-disabled",
			Reason: "table public.notes has no row-level security, so every session of shop_app reaches the rows of all tenants", Witness: "BEGIN;\nSET LOCAL app.tenant_id = 'A';\nSELECT * FROM public.notes;"},
			{Commands: []string{"insert", "update", "delete", "truncate"}, Verdict: "leaks", Rule: "rls-disabled", Reason: "table public.notes has no row-level security"}}},
		{Name: "public.order_totals", Cells: "l----", Notes: []Note{{Commands: []string{"select"}, Verdict: "leaks", Rule: "view-bypasses-rls", Reason: "the view reads public.orders with the rights of its owner", Witness: "SELECT * FROM public.order_totals;"}}},
		{Name: "public.payments", Cells: "iuii-", Notes: []Note{{Commands: []string{"insert"}, Verdict: "undecided", Reason: "policy payments_insert: calls a function whose body is dynamic SQL"}}},
		{Name: "public.events", Cells: "iiii-"}, {Name: "public.events_2026_11", Cells: "l----", Notes: []Note{{Commands: []string{"select"}, Verdict: "leaks", Rule: "partition-exposed", Reason: "the partition is readable by its own name, and has no row-level security of its own"}}},
		{Name: hostile, Cells: "iiiii"},
	} {
		r.Role = "shop_app"
		p.Relations = append(p.Relations, r)
	}
	p.Others = []Other{
		{Role: "shop_app", Kind: "function", Name: "public.enter(uuid)", Privileges: "EXECUTE", Verdict: "leaks", Rule: "function-set-not-local", Reason: "it sets the tenant for the session", Witness: "SELECT public.enter('B');"},
		{Role: "shop_app", Kind: "sequence", Name: "public.orders_id_seq", Privileges: "USAGE", Verdict: "isolated", Reason: "it gives out numbers"},
	}
	p.Findings = []Finding{
		{Severity: "error", Rule: "rls-disabled", Place: "public.notes", Message: "table public.notes has no row-level security, so every role with a grant reads all tenants",
			Evidence: []string{"tenant column tenant_id", "shop_app has SELECT, INSERT, UPDATE, DELETE, TRUNCATE"}, Fix: "enable and force it, and add a policy",
			Code: "ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;\nALTER TABLE public.notes FORCE ROW LEVEL SECURITY;"},
		{Severity: "error", Rule: "view-bypasses-rls", Place: "public.order_totals", Message: "view public.order_totals reads public.orders with the rights of its owner, whom no policy binds", Fix: "let it run with the rights of its reader", Code: "ALTER VIEW public.order_totals SET (security_invoker = true);"},
		{Severity: "error", Rule: "partition-exposed", Place: "public.events_2026_11", Message: "partition public.events_2026_11 is reachable by its own name, where no policy holds"},
		{Severity: "error", Rule: "statement-unscoped", Place: "public.notes", Message: "the plan reads rows of every tenant in public.notes, as no condition and no policy confines it", Evidence: []string{"plan: Seq Scan on public.notes notes"}},
		{Severity: "warning", Rule: "statement-skips-tenant-index", Place: "public.orders", Message: "the plan finds the rows by index orders_created, which does not lead with the tenant, and drops those of other tenants afterwards", Code: "CREATE INDEX CONCURRENTLY ON public.orders (tenant_id, created_at);"},
		{Severity: "warning", Rule: "index-not-tenant-leading", Place: "public.orders", Message: "index orders_created does not lead with tenant_id"},
		{Severity: "info", Rule: "query-by-id-unscoped", Place: hostile, Message: "reached by its id: " + hostile, Evidence: []string{hostile}, Code: hostile},
	}
	p.Statements = []Statement{
		{Text: "SELECT n.id, n.body FROM notes n JOIN orders o ON o.id = n.order_id WHERE o.status = $1 ORDER BY n.created_at DESC LIMIT $2", Calls: 48210, Rows: 2410500, Mean: 18.4, Total: 887064, Share: .41, Scope: "every tenant", Level: "bad",
			Reason: "no condition and no policy confines public.notes", Fix: "add a condition on the tenant, such as tenant_id = $1, or row-level security to the table",
			Plan: "Nested Loop\n  -> Seq Scan on public.notes n\n  -> Index Scan using orders_pkey on public.orders o\n       Index Cond: (o.id = n.order_id)", SuperuserPlan: "Hash Join\n  -> Seq Scan on public.notes n\n  -> Hash\n       -> Seq Scan on public.orders o"},
		{Text: "SELECT * FROM orders WHERE created_at > $1 ORDER BY created_at LIMIT $2", Calls: 120400, Rows: 6020000, Mean: 4.2, Total: 505680, Share: .23, Scope: "one tenant", Access: "past the tenant", Level: "bad",
			Reason: "finds the rows by index orders_created, which does not lead with the tenant", Fix: "CREATE INDEX CONCURRENTLY ON public.orders (tenant_id, created_at);", Plan: "Index Scan using orders_created on public.orders\n  Index Cond: (created_at > $1)\n  Filter: (tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"},
		{Text: "SELECT * FROM customers WHERE id = $1", Calls: 990112, Rows: 990112, Mean: .21, Total: 207923, Share: .1, Scope: "one tenant", Access: "by tenant", Level: "good", Plan: "Index Scan using customers_pkey on public.customers"},
		{Text: "SELECT tenant_id, sum(total) FROM orders WHERE tenant_id = ANY ($1) GROUP BY 1", Calls: 24, Rows: 4800, Mean: 5210, Total: 125040, Share: .06, Scope: "a list of tenants", Access: "by tenant", Level: "fair"},
		{Text: "CALL rebuild_totals()", Calls: 12, Mean: 8100, Total: 97200, Share: .045, Scope: "undecided", Level: "unknown", Reason: "a procedure whose body is dynamic SQL"},
	}
	p.Probes = []Probe{
		{Relation: "public.notes", Command: "select", State: "tenant A", Verdict: "refuted", Why: "3 rows of tenant B were read", Statement: "SELECT EXISTS (SELECT FROM public.notes WHERE tenant_id = 'B');"},
		{Relation: "public.orders", Command: "select", State: "tenant A", Verdict: "proved", Why: "0 rows of tenant B, 214 of its own"},
		{Relation: "public.orders", Command: "select", State: "never set", Verdict: "proved", Why: "refused with 42704"},
		{Relation: "public.payments", Command: "select", State: "tenant A", Verdict: "vacuous", Why: "tenant B has no rows"},
	}
	whole := Skew{}
	for i, share := range []float64{.34, .13, .08, .05, .04, .03, .02, .02, .01, .01, .01} {
		whole.Tenants = append(whole.Tenants, Tenant{Name: fmt.Sprintf("7e4a0c1e-0000-4000-8000-%012x", i), Rows: int64(share * 8e6), Bytes: int64(share * 3e9), Share: share, ByBytes: share * .9})
	}
	whole.Tenants[0].ByBytes = .52
	p.Skew = []Skew{whole, {Table: "public.events", Tenants: whole.Tenants[:3]}}
	p.Drift = []Finding{{Severity: "warning", Rule: "schema-drift", Place: "tenant_0042.orders", Message: "column note is missing in schema tenant_0042, which 999 other schemas have", Evidence: []string{"tenant_0042 is the odd one"}}}
	p.Gaps = []Gap{
		{Kind: "undecided", What: "public.rebuild_totals()", Reason: "[dynamic-sql] EXECUTE of a computed text"},
		{Kind: "skipped", What: "statement \"VACUUM orders\"", Reason: "no statement that reads rows"},
		{Kind: "note", What: "", Reason: "12 executed statements of superusers and of roles beside the service’s were left out"},
	}
	return p
}

// many has n relations, a tenth of which leak, with findings and statements in proportion.
func many(n int) *Page {
	p := sample()
	for i := range n {
		r := Relation{Role: "shop_app", Name: fmt.Sprintf("tenant_%04d.table_%02d", i/20, i%20), Cells: "iiii-"}
		if i%10 == 3 {
			r.Cells = "lllll"
			r.Notes = []Note{{Commands: p.Commands, Verdict: "leaks", Rule: "rls-disabled", Reason: "table " + r.Name + " has no row-level security, so every session of shop_app reaches the rows of all tenants", Witness: "SELECT * FROM " + r.Name + ";"}}
			p.Findings = append(p.Findings, Finding{Severity: "error", Rule: "rls-disabled", Place: r.Name, Message: r.Notes[0].Reason, Code: "ALTER TABLE " + r.Name + " ENABLE ROW LEVEL SECURITY;"})
		}
		p.Relations = append(p.Relations, r)
	}
	for i := range n / 4 {
		s := p.Statements[i%5]
		s.Text += fmt.Sprintf(" /* %d */", i)
		p.Statements = append(p.Statements, s)
	}
	return p
}
