package catalog

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
)

func (r *reader) queueRelations() {
	r.ask(`SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, pg_get_userbyid(c.relowner)::text,
			c.relpersistence = 'u', c.relrowsecurity, c.relforcerowsecurity, coalesce(c.reloptions, '{}')::text[],
			coalesce(p.partstrat::text, ''),
			ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(p.partattrs::int2[]) WITH ORDINALITY k(num, ord)
				LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num AND k.num <> 0 ORDER BY k.ord),
			coalesce(`+r.printed("c.oid", "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END")+`, ''),
			coalesce(pg_get_expr(c.relpartbound, 0), ''),
			c.relpages, c.reltuples
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
		WHERE USER_SCHEMAS AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`, func(row pgx.Rows) error {
		var oid uint32
		var kind, strategy, query string
		var options, key []string
		rel := &pgschema.Relation{}
		if err := row.Scan(&oid, &rel.Schema, &rel.Name.Name, &kind, &rel.Owner, &rel.Unlogged, &rel.RowSecurity,
			&rel.ForceRowSecurity, &options, &strategy, &key, &query, &rel.PartitionBound, &rel.Pages, &rel.Rows); err != nil {
			return err
		}
		rel.Kind, rel.Extension = pgschema.Kind(kind[0]), r.extensions[member{oid, "pg_class"}]
		if strategy != "" {
			rel.PartitionStrategy, rel.PartitionKey = strategies[strategy], key
		}
		if rel.Kind == pgschema.View {
			setOptions(rel, options)
		}
		if query != "" {
			rel.Query = r.query(query, rel.Name.String())
		}
		r.relations[oid] = rel
		r.schema.Relations[rel.Name] = rel
		return nil
	})
	r.ask(`SELECT i.inhrelid, i.inhparent, c.relispartition FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE c.relkind IN ('r', 'p', 'f') ORDER BY i.inhrelid, i.inhseqno`, func(row pgx.Rows) error {
		var child, parent uint32
		var partition bool
		if err := row.Scan(&child, &parent, &partition); err != nil {
			return err
		}
		c, p := r.relations[child], r.relations[parent]
		switch {
		case c == nil || p == nil:
		case partition:
			name := p.Name
			c.PartitionOf = &name
		default:
			c.Inherits = append(c.Inherits, p.Name)
		}
		return nil
	})
}

var strategies = map[string]string{"l": "list", "r": "range", "h": "hash"}

// setOptions reads the storage parameters of a view, of the form name=value.
func setOptions(view *pgschema.Relation, options []string) {
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		switch name {
		case "security_invoker":
			view.SecurityInvoker = isTrue(value)
		case "security_barrier":
			view.SecurityBarrier = isTrue(value)
		case "check_option":
			view.CheckOption = value
		}
	}
}

// isTrue reads a boolean as written in CREATE VIEW, any prefix of a word (parse_bool).
func isTrue(value string) bool {
	value = strings.ToLower(value)
	if value == "" {
		return false
	}
	return strings.HasPrefix("true", value) || strings.HasPrefix("yes", value) || value == "on" || value == "1"
}

// queueColumns asks for the columns. A default names no column, so that the server need not open the
// relation to print it; that of a generated column does.
func (r *reader) queueColumns() {
	r.ask(`SELECT a.attrelid, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
			a.attgenerated::text, a.attidentity::text, 
			CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) ELSE `+r.printed("a.attrelid", "pg_get_expr(d.adbin, d.adrelid)")+` END
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE USER_SCHEMAS AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY a.attrelid, a.attnum`, func(row pgx.Rows) error {
		var oid uint32
		var number int
		var generated, identity string
		var text *string
		c := &pgschema.Column{}
		if err := row.Scan(&oid, &number, &c.Name, &c.Type, &c.NotNull, &generated, &identity, &text); err != nil {
			return err
		}
		rel := r.relations[oid]
		if rel == nil {
			return nil
		}
		for len(r.columns[oid]) < number {
			r.columns[oid] = append(r.columns[oid], "") // a dropped one
		}
		r.columns[oid] = append(r.columns[oid], c.Name)
		e := r.expr(text, rel.Name.String()+"."+c.Name)
		if generated != "" {
			c.Generated = e
		} else {
			c.Default = e
		}
		if identity != "" {
			c.Identity = identity[0]
		}
		rel.Columns = append(rel.Columns, c)
		return nil
	})
}

// names returns the names of columns by their numbers; "" stands for an expression.
func (r *reader) names(oid uint32, numbers []int16) []string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		if known := r.columns[oid]; int(n) < len(known) && n > 0 {
			names[i] = known[n]
		}
	}
	return names
}
