package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("index-unusable-under-rls", checkIndexUnusableUnderRLS)

// checkIndexUnusableUnderRLS looks for indexes that the application cannot search by, as row-level security
// binds it and their operators are not leakproof: what they were built for is a filter on all of a
// tenant's rows. A constraint does its work all the same.
func checkIndexUnusableUnderRLS(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if isPart(r) || !p.bindsAll(r) {
			continue
		}
		for _, index := range r.Indexes {
			if index.Constraint == "" && !index.Primary && !index.Invalid {
				p.unusable(r, index)
			}
		}
	}
}

// bindsAll reports whether row-level security binds every session that reads a relation, and there is one.
func (p *pass) bindsAll(r *pgschema.Relation) bool {
	reads := false
	for _, s := range p.sessions {
		if !p.may(s, r, "select") {
			continue
		}
		if reads = true; !p.bound(s, r) {
			return false
		}
	}
	return reads
}

func (p *pass) unusable(r *pgschema.Relation, index *pgschema.Index) {
	var leaky, why []string
	for i, column := range index.Columns {
		reason := p.leaky(r, index, i)
		if reason == "" {
			continue
		}
		if column == "" {
			column = expressionText(index.Exprs[i])
		}
		leaky, why = append(leaky, column), append(why, reason)
	}
	if len(leaky) == 0 {
		return
	}
	f := finding.New("index-unusable-under-rls", index.Origin, object(r)+"."+index.Name, "")
	if searchesOnly(index) {
		f.Message = fmt.Sprintf("%s index %s of %s is of no use to the application: row-level security admits no condition on %s to it, so a search reads all rows of the tenant",
			index.Method, index.Name, object(r), joinAnd(leaky))
	} else {
		f.Severity = finding.Info
		f.Message = fmt.Sprintf("index %s of %s sorts by %s but does not find by it: row-level security makes a condition on it a filter on what the columns before it find",
			index.Name, object(r), joinAnd(leaky))
	}
	f.Evidence = slices.Compact(why)
	f.Fix = &finding.Fix{Message: p.searchInstead(r, index)}
	p.report(f)
}

// searchesOnly reports whether an index serves nothing but conditions: it does not sort.
func searchesOnly(index *pgschema.Index) bool { return index.Method != "btree" }

// searching are the index methods whose conditions are known. Others, such as those of pgvector, find what
// is nearest, which needs no condition.
var searching = []string{"btree", "hash", "gin", "gist", "spgist", "brin"}

// leaky returns why a condition on the i-th column of an index may not use it, or "".
func (p *pass) leaky(r *pgschema.Relation, index *pgschema.Index, i int) string {
	if !slices.Contains(searching, index.Method) {
		return ""
	}
	options := index.Options[i]
	switch {
	case strings.Contains(options, "_trgm_ops"):
		return "the operators of trigrams, LIKE and % among them, are not leakproof"
	case strings.Contains(options, "_pattern_ops"):
		return "LIKE, which " + strings.Fields(options)[0] + " is for, is not leakproof"
	}
	column := r.Column(index.Columns[i])
	if column == nil {
		if e := index.Exprs[i]; e != nil && computes(e.Node) {
			return "the functions of an expression have to be leakproof too"
		}
		return ""
	}
	if kind := p.leakyType(column.Type); kind != "" {
		return fmt.Sprintf("%s is of type %s; the operators of %s are not leakproof", column.Name, column.Type, kind)
	}
	return ""
}

func expressionText(e *pgschema.Expr) string {
	if e == nil {
		return "an expression"
	}
	return e.Text
}

// searchInstead says how the application can search by what an index holds.
func (p *pass) searchInstead(r *pgschema.Relation, index *pgschema.Index) string {
	if slices.Contains(index.Columns, "") && index.Method == "btree" {
		return "keep the expression in a stored generated column of a plain type, such as text, and index that: the query compares the column"
	}
	for i, name := range index.Columns {
		column := r.Column(name)
		if column == nil || p.leaky(r, index, i) == "" {
			continue
		}
		switch p.leakyType(column.Type) {
		case "enum":
			return "a text column with a CHECK on its values has leakproof operators"
		case "numeric":
			return "bigint, in the smallest unit, has leakproof operators"
		}
	}
	return "search in a function that names the tenant in its own statement and runs as a role that row-level security does not bind, " +
		"or partition the table by tenant, which leaves one tenant's rows to filter; drop the index if only the application reads it"
}
