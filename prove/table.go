package prove

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// table is a relation with what making and reaching its rows takes.
type table struct {
	rel     *pgschema.Relation
	class   *classify.Table // nil for a view
	columns []*column
	// made says that it is a partition made here, for a table that had none.
	made bool
	// owned says that its rows belong to tenants: by class, or by a foreign key that may be NULL.
	owned bool
	// bound is FOR VALUES … of a partition, also of the partitions around it.
	bound string
	// rows are those that were made, by whose they are.
	rows [3][]values
	// problem is why there are none.
	problem string
	// endless says that its triggers fire themselves.
	endless bool
	// seen are the answers to reading it, by state and by whose rows there were.
	seen map[*state][3]result
	// peeked are the answers to peeking at a view likewise.
	peeked map[*state][3]result
}

// column is a column with what the catalog says of its type.
type column struct {
	name, sqlType string
	// base is the type under a domain.
	base      string
	labels    []string // of an enum
	notNull   bool
	omittable bool // has a default, or is an identity
	always    bool // GENERATED ALWAYS AS IDENTITY
	computed  bool // GENERATED ALWAYS AS (…)
	// literals stand in constraints on the column, and in policies of its table.
	literals []string
	domain   string // conditions of the domain
	// Privileges of the role.
	canSelect, canInsert, canUpdate bool
}

// values are the values of one row as text, by column; a column that is missing is left to its default.
type values map[string]*string

const columnQuery = `
SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
	CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END,
	ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid IN (t.oid, t.typbasetype) ORDER BY e.enumsortorder),
	a.attnotnull OR t.typnotnull, a.atthasdef AND a.attgenerated = '' OR a.attidentity <> '', a.attidentity = 'a', a.attgenerated <> '',
	coalesce((SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k WHERE k.contypid = t.oid), ''),
	has_column_privilege($1, c.oid, a.attnum, 'SELECT'), has_column_privilege($1, c.oid, a.attnum, 'INSERT'),
	has_column_privilege($1, c.oid, a.attnum, 'UPDATE')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum`

// boundQuery returns the bounds of each partition together with those of the partitions around it.
const boundQuery = `
WITH RECURSIVE part AS (
	SELECT c.oid, n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid) AS bound, i.inhparent
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f')
), bounds AS (
	SELECT oid, nspname, relname, bound, inhparent FROM part
	UNION ALL SELECT b.oid, b.nspname, b.relname, b.bound || ' ' || p.bound, p.inhparent FROM bounds b JOIN part p ON p.oid = b.inhparent
)
SELECT DISTINCT ON (oid) nspname::text, relname::text, bound FROM bounds ORDER BY oid, length(bound) DESC`

// load reads relations, columns and routines.
func (p *prover) load(ctx context.Context) error {
	p.byName = map[pgschema.Name]*table{}
	for _, r := range p.Schema.Sorted() {
		if r.Kind != pgschema.Sequence && r.Extension == "" {
			t := &table{rel: r, class: p.Classes.Get(r), seen: map[*state][3]result{}, peeked: map[*state][3]result{}}
			p.tables = append(p.tables, t)
			p.byName[r.Name] = t
		}
	}
	if err := p.makePartitions(ctx); err != nil {
		return err
	}
	rows, err := p.admin.Query(ctx, columnQuery, p.role)
	if err != nil {
		return err
	}
	var name pgschema.Name
	var c column
	_, err = pgx.ForEachRow(rows, []any{&name.Schema, &name.Name, &c.name, &c.sqlType, &c.base, &c.labels, &c.notNull, &c.omittable,
		&c.always, &c.computed, &c.domain, &c.canSelect, &c.canInsert, &c.canUpdate}, func() error {
		if t := p.byName[name]; t != nil {
			one := c
			t.columns = append(t.columns, &one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if rows, err = p.admin.Query(ctx, boundQuery); err != nil {
		return err
	}
	var bound string
	if _, err = pgx.ForEachRow(rows, []any{&name.Schema, &name.Name, &bound}, func() error {
		if t := p.byName[name]; t != nil {
			t.bound = bound
		}
		return nil
	}); err != nil {
		return err
	}
	for _, t := range p.tables {
		t.findLiterals()
	}
	p.findOwned()
	return p.loadRoutines(ctx)
}

// makePartitions gives a partition to each partitioned table that has none, as those whose partitions
// are made while the service runs: without one it holds no rows.
func (p *prover) makePartitions(ctx context.Context) error {
	for _, t := range slices.Clone(p.tables) {
		if t.rel.Kind != pgschema.PartitionedTable || len(p.partitions(t)) > 0 {
			continue
		}
		name := pgschema.Name{Schema: t.rel.Schema, Name: fmt.Sprintf("tenantvet_partition_%d", len(p.tables))}
		part := &table{class: t.class, made: true, seen: map[*state][3]result{}, rel: &pgschema.Relation{
			Name: name, Kind: pgschema.Table, PartitionOf: &t.rel.Name, Constraints: t.rel.Constraints, Indexes: t.rel.Indexes,
		}}
		bound := "DEFAULT"
		if t.rel.PartitionStrategy == "hash" {
			bound = "FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
		}
		if err := must(ctx, p.admin, fmt.Sprintf("CREATE TABLE %s PARTITION OF %s %s", part.sql(), t.sql(), bound)); err != nil {
			return fmt.Errorf("%s has no partition, and none can be made: %w", t.rel.Name, err)
		}
		p.tables = append(p.tables, part)
		p.byName[name] = part
	}
	return nil
}

// findOwned decides which tables hold rows of tenants.
func (p *prover) findOwned() {
	for _, t := range p.tables {
		t.owned = t.class != nil && (t.class.Class == classify.Tenant || t.class.Class == classify.Child || t.class.Class == classify.Registry)
	}
	for changed := true; changed; {
		changed = false
		for _, t := range p.tables {
			if t.owned || t.class == nil || t.class.Class != classify.Unclassified {
				continue
			}
			for _, fk := range t.foreignKeys() {
				if parent := p.byName[fk.RefTable]; parent != nil && parent.owned && parent != t {
					t.owned, changed = true, true
				}
			}
		}
	}
}

// personal reports whether a table has one row for the user of each tenant.
func (p *prover) personal(t *table) bool {
	for _, other := range p.tables {
		for _, fk := range other.foreignKeys() {
			if fk.RefTable == t.rel.Name && len(fk.Columns) == 1 && p.isUser(fk.Columns[0]) {
				return true
			}
		}
	}
	return slices.ContainsFunc(t.columns, func(c *column) bool { return p.isUser(c.name) })
}

func (t *table) foreignKeys() (keys []*pgschema.Constraint) {
	for _, c := range t.rel.Constraints {
		if c.Kind == pgschema.ForeignKey {
			keys = append(keys, c)
		}
	}
	return keys
}

// stores reports whether rows lie in the relation itself.
func (t *table) stores() bool { return t.rel.Kind == pgschema.Table }

// writable reports whether writing the relation is tried.
func (t *table) writable() bool {
	return t.owned && !t.made && t.rel.Kind != pgschema.ForeignTable || t.rel.Kind == pgschema.View
}

func (t *table) column(name string) *column {
	for _, c := range t.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

// tenantColumn reports whether a column holds the tenant.
func (t *table) tenantColumn(name string) bool {
	return t.class != nil && slices.Contains(t.class.Columns, name)
}

// sql is the relation's name for statements.
func (t *table) sql() string { return quoteName(t.rel.Schema) + "." + quoteName(t.rel.Name.Name) }

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

var kinds = map[pgschema.Kind]string{
	pgschema.Table: "table", pgschema.PartitionedTable: "partitioned table", pgschema.View: "view",
	pgschema.MaterializedView: "materialized view", pgschema.ForeignTable: "foreign table",
}

func (t *table) kind() string {
	if t.rel.PartitionOf != nil {
		return "partition"
	}
	return kinds[t.rel.Kind]
}

var quoted = regexp.MustCompile(`'((?:[^']|'')*)'|(?:^|[^\w.])(-?\d+(?:\.\d+)?)`)

// literalsIn returns the constants of an expression.
func literalsIn(text string) (found []string) {
	for _, match := range quoted.FindAllStringSubmatch(text, -1) {
		value := match[1]
		if value == "" {
			value = match[2]
		}
		if value != "" && !slices.Contains(found, value) {
			found = append(found, value)
		}
	}
	return found
}

// mentions reports whether an expression names a column.
func mentions(text, column string) bool {
	return regexp.MustCompile(`(?:^|\W)` + regexp.QuoteMeta(column) + `(?:\W|$)`).MatchString(text)
}

// findLiterals gives each column the constants it is compared with.
func (t *table) findLiterals() {
	add := func(text string) {
		for _, c := range t.columns {
			if mentions(text, c.name) {
				for _, l := range literalsIn(text) {
					if !slices.Contains(c.literals, l) && !readsSetting.MatchString("current_setting('"+l+"'") {
						c.literals = append(c.literals, l)
					}
				}
			}
		}
	}
	for _, c := range t.columns {
		c.literals = literalsIn(c.domain)
	}
	for _, k := range t.rel.Constraints {
		if k.Check != nil {
			add(k.Check.Text)
		}
	}
	for _, policy := range t.rel.Policies {
		if policy.Using != nil {
			add(policy.Using.Text)
		}
		if policy.Check != nil {
			add(policy.Check.Text)
		}
	}
}

// unfilled reports the tables without rows of both tenants.
func (p *prover) unfilled() {
	for _, t := range p.tables {
		if t.owned && t.rel.Kind != pgschema.PartitionedTable && (len(t.rows[tenantA]) == 0 || len(t.rows[tenantB]) == 0) {
			p.report.Unfilled = append(p.report.Unfilled, Unfilled{Object: t.rel.Name.String(), Reason: t.problem})
		} else if !t.owned && t.problem != "" && len(t.rows[nobody]) == 0 {
			p.report.Unfilled = append(p.report.Unfilled, Unfilled{Object: t.rel.Name.String(), Reason: fmt.Sprintf("%s (it belongs to no tenant)", t.problem)})
		}
	}
}
