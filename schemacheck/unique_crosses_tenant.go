package schemacheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("unique-crosses-tenant", checkUniqueCrossesTenant)

// checkUniqueCrossesTenant looks for unique keys of meaningful values that do not contain the
// tenant: they see all rows, so 23505 tells a tenant which values exist in others. Keys whose values
// nobody can guess or choose tell nothing.
func checkUniqueCrossesTenant(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if t.Class == classify.Registry {
			continue
		}
		for _, index := range r.Indexes {
			if !index.Unique || p.scopedKey(t, index) || unguessable(r, index) || p.keyOfParent(r, index) {
				continue
			}
			if s, ok := p.writer(r, keyColumns(r, index)); ok {
				p.report(p.crossingUnique(t, index, s))
			}
		}
		p.checkExclusions(t)
	}
}

// checkExclusions looks for exclusion constraints without the tenant, which see all rows as unique keys
// do.
func (p *pass) checkExclusions(t *classify.Table) {
	r := t.Relation
	for _, c := range r.Constraints {
		equal := slices.DeleteFunc(slices.Clone(c.Columns), func(column string) bool { return slices.Contains(c.Unlike, column) })
		if c.Kind != pgschema.Exclusion || p.constraintOfParent(r, c) || p.scopedKey(t, &pgschema.Index{Columns: equal}) {
			continue
		}
		s, ok := p.writer(r, keyColumns(r, &pgschema.Index{Columns: c.Columns}))
		if !ok {
			continue
		}
		f := finding.New("unique-crosses-tenant", c.Origin, object(r)+"."+c.Name,
			"exclusion constraint %s of %s does not contain the tenant: a tenant that tries a value learns whether another has one in its way", c.Name, object(r))
		f.Evidence = []string{"exclusion checks see all rows, whatever row-level security hides; the refusal is 23P01"}
		p.weigh(&f, s)
		f.Fix = &finding.Fix{Message: fmt.Sprintf("begin the constraint with %s WITH =; extension btree_gist lets GiST compare it", strings.Join(tenantKey(t), ", "))}
		p.report(f)
	}
}

// scopedKey reports whether a unique key contains the tenant, or a reference to a row that has one.
func (p *pass) scopedKey(t *classify.Table, index *pgschema.Index) bool {
	return slices.ContainsFunc(index.Columns, func(column string) bool {
		return p.isTenantColumn(t, column) || slices.ContainsFunc(t.Relation.Constraints, func(c *pgschema.Constraint) bool {
			return p.target(c) != nil && slices.Contains(c.Columns, column)
		})
	})
}

// unguessable reports whether a key holds a value that nobody guesses or chooses: a surrogate key, a
// reference, a random value.
func unguessable(r *pgschema.Relation, index *pgschema.Index) bool {
	return slices.ContainsFunc(index.Columns, func(name string) bool {
		c := r.Column(name)
		return c != nil && (c.Type == "uuid" || isReference(name) && !chosen(r, c) || isSecret(name) || generated(c) || index.Primary && isInteger(c.Type))
	})
}

// chosen reports whether who writes a row chooses a number in it that looks like an id: it makes a row of one tenant's, as
// part of a primary key of several columns, or it is the row's own and no key, as in an inheritance child, which has
// neither the keys nor the identity of its parent.
func chosen(r *pgschema.Relation, c *pgschema.Column) bool {
	primary := slices.IndexFunc(r.Indexes, func(index *pgschema.Index) bool { return index.Primary && slices.Contains(index.Columns, c.Name) })
	if primary < 0 {
		return isInteger(c.Type) && !generated(c) && strings.EqualFold(c.Name, "id")
	}
	return isInteger(c.Type) && !generated(c) && len(r.Indexes[primary].Columns) > 1
}

// generated reports whether the values of a column come from a sequence or a random source.
func generated(c *pgschema.Column) bool {
	return c.Identity != 0 || c.Default != nil && generator.MatchString(c.Default.Text)
}

var generator = regexp.MustCompile(`(?i)(nextval|uuid|random|ulid|nanoid|ksuid)\w*\s*\(`)

func isInteger(sqlType string) bool {
	return sqlType == "integer" || sqlType == "bigint" || sqlType == "smallint"
}

// keyColumns returns the columns of a unique index; an expression stands for all of the table's.
func keyColumns(r *pgschema.Relation, index *pgschema.Index) []string {
	if !slices.Contains(index.Columns, "") {
		return index.Columns
	}
	names := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i] = c.Name
	}
	return names
}

func (p *pass) crossingUnique(t *classify.Table, index *pgschema.Index, s session) finding.Finding {
	r := t.Relation
	f := finding.New("unique-crosses-tenant", index.Origin, object(r)+"."+index.Name,
		"unique key %s of %s does not contain the tenant: a tenant that tries a value learns whether another has it", index.Name, object(r))
	f.Evidence = []string{"unique checks see all rows, whatever row-level security hides; the refusal is 23505"}
	p.weigh(&f, s)
	if t.Class != classify.Tenant || slices.Contains(index.Columns, "") || index.Where != nil {
		f.Fix = &finding.Fix{Message: "make the key unique within the tenant: begin it with the tenant"}
		return f
	}
	columns := quoteList(append([]string{t.Column}, index.Columns...))
	table := quoteName(r.Name)
	if index.Constraint == "" {
		f.Fix = &finding.Fix{Message: "make the key unique within the tenant",
			Code: fmt.Sprintf("CREATE UNIQUE INDEX %sON %s (%s);\n%s", concurrently(r), table, columns, dropIndex(r, index))}
		return f
	}
	kind := "UNIQUE"
	if index.Primary {
		kind = "PRIMARY KEY"
	}
	f.Fix = &finding.Fix{Message: "make the key unique within the tenant"}
	if r.Kind == pgschema.PartitionedTable {
		f.Fix.Code = fmt.Sprintf("ALTER TABLE %s\n    DROP CONSTRAINT %s,\n    ADD %s (%s);", table, quote(index.Constraint), kind, columns)
		return f
	}
	// The index is built while rows are written, and takes the name of the constraint that it replaces.
	built := quote(freeName(r, index.Name))
	f.Fix.Code = fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY %[1]s ON %[2]s (%[3]s);\nALTER TABLE %[2]s\n    DROP CONSTRAINT %[4]s,\n    ADD CONSTRAINT %[4]s %[5]s USING INDEX %[1]s;",
		built, table, columns, quote(index.Constraint), kind)
	return f
}

// maxName is the length in bytes to which PostgreSQL cuts identifiers.
const maxName = 63

// freeName returns a name for an index in the place of another that no index of the table has.
func freeName(r *pgschema.Relation, name string) string {
	const suffix = "_of_tenant"
	free := strings.ToValidUTF8(name[:min(len(name), maxName-len(suffix))], "") + suffix
	for slices.ContainsFunc(r.Indexes, func(index *pgschema.Index) bool { return index.Name == free }) {
		free = free[:len(free)-1] // ends, as a table has fewer indexes than names of this length
	}
	return free
}
