package livecheck

import (
	"regexp"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// scope says how a plan confines the rows of a scan to a tenant; the better the higher.
type scope int

const (
	// unscoped rows are those of every tenant.
	unscoped scope = iota
	// unclear is a condition on the tenant that is not followed.
	unclear
	// derived rows are fixed by a key without the tenant.
	derived
	// listed rows are those of several tenants.
	listed
	// pinned rows are those of one tenant.
	pinned
)

// scan is the use of a tenant's table in a plan.
type scan struct {
	node     *node
	relation *pgschema.Relation
	table    *classify.Table
	scope    scope
}

// reach follows through a plan which columns are fixed to what. What it adds holds for the rows that
// can influence the result: a join fixes the rows of its nullable side, never those it preserves.
type reach struct {
	schema   *pgschema.Schema
	classes  *classify.Classes
	scans    []*scan
	pins     map[term]scope
	opaque   map[term]bool
	edges    map[[2]term]bool // what fixes the first fixes the second
	rowFixed map[string]bool  // aliases of which at most one row is read
	children map[string]scope // of child tables, by alias
	pure     bool             // no join of the plan preserves rows
	subplans map[string]*node
	ctes     map[string]*node
	required map[string]bool // subplans that must have a row
	inner    map[string][][2]term
	// unread counts conditions that do not parse.
	unread int
}

func newReach(plan *node, schema *pgschema.Schema, classes *classify.Classes) *reach {
	r := &reach{
		schema: schema, classes: classes, pins: map[term]scope{}, opaque: map[term]bool{}, edges: map[[2]term]bool{},
		rowFixed: map[string]bool{}, children: map[string]scope{}, subplans: map[string]*node{}, ctes: map[string]*node{},
		required: map[string]bool{}, inner: map[string][][2]term{},
	}
	r.pure = !preserves(plan, false)
	plan.walk(func(n *node) {
		if n.Subplan != "" {
			r.subplans[n.Subplan] = n
		}
	})
	r.visit(plan, "")
	for name := range r.required {
		if sub := r.subplans[name]; sub != nil && !preserves(sub, true) {
			for _, e := range r.inner[name] {
				r.edges[e] = true
			}
		}
	}
	r.partitions()
	for r.spread() {
	}
	for _, s := range r.scans {
		s.scope = r.scopeOf(s)
	}
	return r
}

// preserves reports whether a plan lets rows through for which it finds no partner: by an outer join
// or anti join or, below a join, by an aggregate, which has a row even for no rows.
func preserves(plan *node, joined bool) bool {
	switch {
	case plan.isJoin() && plan.JoinType != "Inner" && plan.JoinType != "Semi" && plan.JoinType != "Right Semi",
		joined && plan.Type == "Aggregate":
		return true
	}
	return slices.ContainsFunc(plan.Plans, func(child *node) bool { return preserves(child, joined || plan.isJoin()) })
}

func (r *reach) visit(n *node, subplan string) {
	if n.Subplan != "" {
		subplan = n.Subplan
	}
	switch {
	case n.isJoin():
		r.join(n)
	case n.Alias != "":
		r.source(n, subplan)
	}
	for _, child := range n.Plans {
		r.visit(child, subplan)
	}
}

// read returns the facts of conditions.
func (r *reach) read(conditions ...string) []fact {
	var facts []fact
	for _, c := range conditions {
		said, ok := conjuncts(c)
		if !ok {
			r.unread++
		}
		facts = append(facts, said...)
	}
	return facts
}

// source takes the conditions of what rows are read from: a table, a subquery, a WITH query.
func (r *reach) source(n *node, subplan string) {
	if n.isScan() {
		relation := r.schema.Relations[pgschema.Name{Schema: n.Schema, Name: n.Relation}]
		if t := r.classes.Get(relation); t != nil && (t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry) {
			r.scans = append(r.scans, &scan{node: n, relation: relation, table: t})
		}
	}
	for _, f := range r.read(n.IndexCond, n.RecheckCond, n.TIDCond, n.Filter) {
		own := f.column.alias == n.Alias
		switch {
		case f.subplan != "":
			r.require(f)
		case f.opaque:
			r.opaque[f.column] = true
		case f.other != term{} && (own || r.pure && subplan == ""):
			r.edges[[2]term{f.other, f.column}] = true
		case f.other != term{}:
			r.inner[subplan] = append(r.inner[subplan], [2]term{f.other, f.column})
		case own:
			r.pin(f)
		}
	}
	var from *node
	switch n.Type {
	case "Subquery Scan":
		for _, child := range n.Plans {
			if child.Relationship == "Subquery" {
				from = child
			}
		}
	case "CTE Scan":
		from = r.subplans["CTE "+n.CTE]
	}
	r.lift(from, n.Alias)
}

// lift lets what fixes a column of a subquery fix the column of that name outside.
func (r *reach) lift(from *node, alias string) {
	if from == nil || from.combines() {
		return // the output names the columns of one branch
	}
	seen := map[string]term{}
	for _, output := range from.Output {
		facts, ok := conjuncts(output + " = 0")
		if !ok || len(facts) != 1 || facts[0].opaque {
			continue
		}
		inside := facts[0].column
		if _, twice := seen[inside.column]; twice {
			delete(r.edges, [2]term{seen[inside.column], {alias, inside.column}})
			continue
		}
		seen[inside.column] = inside
		r.edges[[2]term{inside, {alias, inside.column}}] = true
	}
}

// require notes a subplan without a row of which the condition does not hold.
func (r *reach) require(f fact) {
	r.required[f.subplan] = true
	sub := r.subplans[f.subplan]
	if f.column == (term{}) || sub == nil || len(sub.Output) == 0 {
		return
	}
	if facts, ok := conjuncts(sub.Output[0] + " = 0"); ok && len(facts) == 1 && !facts[0].opaque {
		r.edges[[2]term{facts[0].column, f.column}] = true
	}
}

// join takes the conditions of a join, for the sides whose rows they select.
func (r *reach) join(n *node) {
	outer, inner := n.sides()
	if outer == nil || inner == nil {
		return
	}
	var selected map[string]bool
	switch n.JoinType {
	case "Inner", "Semi", "Right Semi":
		selected = n.aliases()
	case "Left", "Anti":
		selected = inner.aliases()
	case "Right", "Right Anti":
		selected = outer.aliases()
	}
	for _, f := range r.read(n.HashCond, n.MergeCond, n.JoinFilter) {
		switch {
		case !selected[f.column.alias]:
		case f.opaque:
			r.opaque[f.column] = true
		case f.subplan != "":
		case f.other != term{}:
			r.edges[[2]term{f.other, f.column}] = true
		default:
			r.pin(f)
		}
	}
	for _, f := range r.read(n.Filter) { // after the join: selects from both
		if f.other == (term{}) && !f.opaque && f.subplan == "" {
			r.pin(f)
		}
	}
}

func (r *reach) pin(f fact) {
	to := pinned
	if f.list {
		to = listed
	}
	r.pins[f.column] = max(r.pins[f.column], to)
}

var numbered = regexp.MustCompile(`^(.+)_\d+$`)

// partitions lets what fixes the alias of a partitioned table fix its partitions, which EXPLAIN
// tells apart by a number.
func (r *reach) partitions() {
	for _, s := range r.scans {
		m := numbered.FindStringSubmatch(s.node.Alias)
		if m == nil || s.relation.PartitionOf == nil && len(s.relation.Inherits) == 0 {
			continue
		}
		if slices.ContainsFunc(r.scans, func(o *scan) bool {
			return o.node.Alias == m[1] && root(r.schema, o.relation) != root(r.schema, s.relation)
		}) {
			continue
		}
		for _, c := range s.relation.Columns {
			r.edges[[2]term{{m[1], c.Name}, {s.node.Alias, c.Name}}] = true
		}
	}
}

// root returns the partitioned table that a partition belongs to.
func root(s *pgschema.Schema, rel *pgschema.Relation) *pgschema.Relation {
	for range 10 { // partitions of partitions; a broken catalog must not loop
		if rel.PartitionOf == nil || s.Relations[*rel.PartitionOf] == nil {
			return rel
		}
		rel = s.Relations[*rel.PartitionOf]
	}
	return rel
}

// spread takes one step and reports whether it learned something.
func (r *reach) spread() bool {
	learned := false
	for e := range r.edges {
		if r.pins[e[0]] > r.pins[e[1]] {
			r.pins[e[1]] = r.pins[e[0]]
			learned = true
		}
	}
	for _, s := range r.scans {
		alias := s.node.Alias
		if !r.rowFixed[alias] && slices.ContainsFunc(s.relation.Indexes, func(i *pgschema.Index) bool { return r.fixes(alias, i) }) {
			r.rowFixed[alias] = true
			for _, c := range s.relation.Columns {
				r.pins[term{alias, c.Name}] = max(r.pins[term{alias, c.Name}], derived)
			}
			learned = true
		}
		if to := r.throughParent(s); to > r.children[alias] {
			r.children[alias] = to
			learned = true
		}
	}
	return learned
}

// fixes reports whether a unique index leaves at most one row.
func (r *reach) fixes(alias string, i *pgschema.Index) bool {
	if !i.Unique || i.Invalid || i.Where != nil || len(i.Columns) == 0 {
		return false
	}
	for _, c := range i.Columns {
		if to := r.pins[term{alias, c}]; c == "" || to != pinned && to != derived {
			return false
		}
	}
	return true
}

// throughParent returns the scope that a child's row has from the row of its parent.
func (r *reach) throughParent(s *scan) scope {
	if s.table.Class != classify.Child || s.table.Via == nil {
		return unscoped
	}
	best, via := unscoped, s.table.Via
	for _, p := range r.scans {
		joined := p.relation.Name == via.RefTable
		for i, c := range via.Columns {
			joined = joined && i < len(via.RefColumns) && r.edges[[2]term{{p.node.Alias, via.RefColumns[i]}, {s.node.Alias, c}}]
		}
		if joined {
			best = max(best, r.scopeOf(p))
		}
	}
	return best
}

func (r *reach) scopeOf(s *scan) scope {
	alias, best := s.node.Alias, unscoped
	for _, c := range s.table.Columns {
		t := term{alias, c}
		best = max(best, r.pins[t])
		if best == unscoped && r.opaque[t] {
			best = unclear
		}
	}
	best = max(best, r.children[alias])
	if best <= unclear && r.rowFixed[alias] {
		best = derived
	}
	if best <= unclear && s.table.Class == classify.Child && s.table.Via != nil {
		fixed := true
		for _, c := range s.table.Via.Columns {
			fixed = fixed && r.pins[term{alias, c}] >= derived
		}
		if fixed {
			best = derived
		}
	}
	return best
}
