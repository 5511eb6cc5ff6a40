package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("foreign-key-crosses-tenant", checkForeignKeyCrossesTenant)

// checkForeignKeyCrossesTenant looks for foreign keys between tenant tables that do not carry the
// tenant: their checks see all rows, under FORCE too (PostgreSQL manual, 5.9), so a row may refer to
// another tenant's, and deleting that one reaches the first.
func checkForeignKeyCrossesTenant(p *pass) {
	var found []finding.Finding
	for t := range p.owned() {
		if t.Class == classify.Registry {
			continue
		}
		for _, c := range t.Relation.Constraints {
			to := p.target(c)
			if to == nil || p.constraintOfParent(t.Relation, c) || carriesTenant(t, c, to) || held(t, c, to) || p.checksParent(t, c, to) {
				continue
			}
			s, ok := p.writer(t.Relation, c.Columns)
			if !ok {
				continue
			}
			found = append(found, p.crossingKey(t, c, to, s))
		}
	}
	if !p.relyOnRLS() && len(found) > 1 {
		found = []finding.Finding{together(found)}
	}
	for _, f := range found {
		p.report(f)
	}
}

// together is the one hint about the foreign keys of a schema that relies on predicates: there each
// statement that writes a reference has to look the other row up.
func together(found []finding.Finding) finding.Finding {
	f := slices.MinFunc(found, finding.Compare)
	f.Object = ""
	f.Message = fmt.Sprintf("%d foreign keys between tenant tables do not carry the tenant: a row may refer to another tenant's row, unless the statement that writes it looks that row up", len(found))
	f.Evidence = nil
	for _, one := range found {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s (%s)", one.Object, one.Position))
	}
	f.Fix = &finding.Fix{Message: "refer to keys together with the tenant: FOREIGN KEY (tenant, other_id) REFERENCES other (tenant, id)"}
	return f
}

// target returns the tenant or child table that a foreign key refers to, or nil.
func (p *pass) target(c *pgschema.Constraint) *classify.Table {
	if c.Kind != pgschema.ForeignKey {
		return nil
	}
	to := p.classes.Get(p.schema.Relations[c.RefTable])
	if to == nil || to.Class != classify.Tenant && to.Class != classify.Child || len(c.Columns) != len(c.RefColumns) {
		return nil
	}
	return to
}

// carriesTenant reports whether a foreign key ties the tenant of both rows together: it contains the tenant column,
// or for a child the key of its parent.
func carriesTenant(t *classify.Table, c *pgschema.Constraint, to *classify.Table) bool {
	if t.Class == classify.Child {
		return c == t.Via || len(c.Columns) > len(t.Via.Columns) &&
			!slices.ContainsFunc(t.Via.Columns, func(column string) bool { return !slices.Contains(c.Columns, column) })
	}
	for i, column := range c.Columns {
		if column == t.Column && (c.RefColumns[i] == to.Column || to.Class == classify.Child) {
			return true
		}
	}
	return false
}

// held reports whether another foreign key ties the tenants of the same two rows together.
func held(t *classify.Table, c *pgschema.Constraint, to *classify.Table) bool {
	column := t.Relation.Column(t.Column)
	return column != nil && column.NotNull && slices.ContainsFunc(t.Relation.Constraints, func(other *pgschema.Constraint) bool {
		if other.Kind != pgschema.ForeignKey || other.RefTable != c.RefTable || len(other.Columns) != len(other.RefColumns) || !carriesTenant(t, other, to) {
			return false
		}
		for i, column := range c.Columns {
			k := slices.Index(other.Columns, column)
			if k < 0 || other.RefColumns[k] != c.RefColumns[i] {
				return false
			}
		}
		return true
	})
}

// checksParent reports whether each policy that admits new rows looks the referenced row up, by a
// subquery that names its table and the referring column: it sees only what the referenced table's
// own policies show.
func (p *pass) checksParent(t *classify.Table, c *pgschema.Constraint, to *classify.Table) bool {
	if !t.Relation.RowSecurity || !to.Relation.RowSecurity {
		return false
	}
	guarded := false
	for _, command := range []string{"insert", "update"} {
		for _, policy := range t.Relation.Policies {
			expr := expression(policy, command, withCheck)
			if expr == nil {
				continue
			}
			looks := looksUp(expr.Node, to.Relation.Name.Name, c.Columns)
			if policy.Permissive && !looks {
				return false
			}
			guarded = guarded || looks
		}
	}
	return guarded
}

// looksUp reports whether an expression, in a part that must be true, has a subquery over a table
// that mentions one of the columns or is compared with it.
func looksUp(node *pgast.Node, table string, columns []string) bool {
	if and := node.GetBoolExpr(); and != nil && and.Boolop == pgast.BoolExprType_AND_EXPR {
		return slices.ContainsFunc(and.Args, func(arg *pgast.Node) bool { return looksUp(arg, table, columns) })
	}
	if node.GetSubLink() == nil {
		return false
	}
	names, mentions := false, false
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.RangeVar:
			names = names || n.Relname == table
		case *pgast.ColumnRef:
			mentions = mentions || slices.Contains(columns, n.Fields[len(n.Fields)-1].GetString_().GetSval())
		}
		return true
	})
	return names && mentions
}

func (p *pass) crossingKey(t *classify.Table, c *pgschema.Constraint, to *classify.Table, s session) finding.Finding {
	r := t.Relation
	consequence := "and the other tenant then cannot delete it"
	switch c.OnDelete {
	case "cascade":
		consequence = "and whoever deletes that row deletes this one with it"
	case "set null", "set default":
		consequence = "and whoever deletes that row changes this one"
	}
	f := finding.New("foreign-key-crosses-tenant", c.Origin, object(r)+"."+strings.Join(c.Columns, ","),
		"foreign key %s of %s does not carry the tenant: a row may refer to another tenant's row of %s, %s",
		c.Name, object(r), object(to.Relation), consequence)
	f.Evidence = []string{"foreign keys see all rows, whatever row-level security hides"}
	p.weigh(&f, s)
	switch {
	case t.Class == classify.Child:
		f.Fix = &finding.Fix{Message: fmt.Sprintf("give %s the tenant column, and refer to the key of %s together with it, or look the row up in the policy's WITH CHECK",
			object(r), object(to.Relation))}
	case to.Class != classify.Tenant:
		f.Fix = &finding.Fix{Message: fmt.Sprintf("give %s the tenant column, and refer to its key together with it", object(to.Relation))}
	case p.family(r.Column(t.Column)) != p.family(to.Relation.Column(to.Column)):
		f.Fix = &finding.Fix{Message: "give both tenant columns one type, and refer to the key together with the tenant"}
	default:
		f.Fix = &finding.Fix{Message: "refer to the key together with the tenant", Code: compositeKey(t, c, to)}
	}
	return f
}

// weigh lowers the severity of a side door where the front door is not row-level security, or where
// it is not known who comes in.
func (p *pass) weigh(f *finding.Finding, s session) {
	switch {
	case !p.relyOnRLS():
		f.Severity = finding.Info
	case s.assumed:
		f.Severity = min(f.Severity, finding.Warning)
	}
}

// compositeKey writes the foreign key that carries the tenant in the place of one that does not, under the
// same name. Its rows are checked after the exchange, so that neither table is locked meanwhile; a
// partitioned table has that only since PostgreSQL 18.
func compositeKey(t *classify.Table, c *pgschema.Constraint, to *classify.Table) string {
	var code strings.Builder
	refColumns := append([]string{to.Column}, without(c.RefColumns, to.Column)...)
	if !hasKey(to.Relation, refColumns) {
		fmt.Fprintf(&code, "CREATE UNIQUE INDEX %sON %s (%s);\n", concurrently(to.Relation), quoteName(to.Relation.Name), quoteList(refColumns))
	}
	action := ""
	switch c.OnDelete {
	case "cascade", "restrict":
		action = " ON DELETE " + strings.ToUpper(c.OnDelete)
	case "set null", "set default":
		// Only the referring columns: the tenant stays (PostgreSQL 15 and later).
		action = fmt.Sprintf(" ON DELETE %s (%s)", strings.ToUpper(c.OnDelete), quoteList(c.Columns))
	}
	table, notValid := quoteName(t.Relation.Name), " NOT VALID"
	if t.Relation.Kind == pgschema.PartitionedTable {
		notValid = ""
	}
	fmt.Fprintf(&code, "ALTER TABLE %[1]s\n    DROP CONSTRAINT %[2]s,\n    ADD CONSTRAINT %[2]s FOREIGN KEY (%[3]s) REFERENCES %[4]s (%[5]s)%[6]s%[7]s;",
		table, quote(c.Name), quoteList(append([]string{t.Column}, c.Columns...)),
		quoteName(to.Relation.Name), quoteList(refColumns), action, notValid)
	if notValid != "" {
		fmt.Fprintf(&code, "\nALTER TABLE %s VALIDATE CONSTRAINT %s;", table, quote(c.Name))
	}
	return code.String()
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}

// hasKey reports whether exactly these columns, in any order, are a unique key.
func hasKey(r *pgschema.Relation, columns []string) bool {
	return slices.ContainsFunc(r.Indexes, func(index *pgschema.Index) bool {
		return index.Unique && index.Where == nil && len(index.Columns) == len(columns) &&
			!slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(index.Columns, c) })
	})
}
