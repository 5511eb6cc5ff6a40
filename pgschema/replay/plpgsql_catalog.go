package replay

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// catalogTable returns the rows of a system catalog or of the information schema as the schema has
// them now; false for any other table. An object identifier is the qualified name of the object.
func (r *replayer) catalogTable(schema, name string) ([]map[string]value, bool) {
	switch schema {
	case "", catalogSchema:
		if r.find("", name) != nil && schema == "" {
			return nil, false
		}
		return r.pgCatalog(name)
	case "information_schema":
		return r.informationSchema(name)
	}
	return nil, false
}

// object is an object identifier.
func object(n pgschema.Name) value { return value{text: n.String(), object: true} }

func fields(pairs ...any) map[string]value {
	m := make(map[string]value, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		key := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case string:
			m[key] = textValue(v)
		case bool:
			m[key] = boolValue(v)
		case int:
			m[key] = textValue(strconv.Itoa(v))
		case value:
			m[key] = v
		}
	}
	return m
}

// each makes rows of every relation.
func (r *replayer) each(make func(*pgschema.Relation) []map[string]value) []map[string]value {
	var rows []map[string]value
	for _, rel := range r.schema.Sorted() {
		rows = append(rows, make(rel)...)
	}
	return rows
}

func one(row map[string]value) []map[string]value { return []map[string]value{row} }

// ofKind makes one row of every relation of some kinds.
func (r *replayer) ofKind(kinds string, make func(*pgschema.Relation) map[string]value) []map[string]value {
	return r.each(func(rel *pgschema.Relation) []map[string]value {
		if !strings.ContainsRune(kinds, rune(rel.Kind)) {
			return nil
		}
		return one(make(rel))
	})
}

func (r *replayer) pgCatalog(name string) ([]map[string]value, bool) {
	switch name {
	case "pg_class":
		return r.pgClass(), true
	case "pg_namespace":
		var rows []map[string]value
		for _, n := range slices.Sorted(maps.Keys(r.schema.Namespaces)) {
			rows = append(rows, fields("oid", n, "nspname", n))
		}
		return rows, true
	case "pg_tables":
		return r.ofKind("rp", func(rel *pgschema.Relation) map[string]value {
			return fields("schemaname", rel.Schema, "tablename", rel.Name.Name, "tableowner", r.roleValue(rel.Owner),
				"rowsecurity", rel.RowSecurity, "hasindexes", len(rel.Indexes) > 0, "hastriggers", len(rel.Triggers) > 0)
		}), true
	case "pg_views":
		return r.ofKind("v", func(rel *pgschema.Relation) map[string]value {
			return fields("schemaname", rel.Schema, "viewname", rel.Name.Name, "viewowner", r.roleValue(rel.Owner))
		}), true
	case "pg_matviews":
		return r.ofKind("m", func(rel *pgschema.Relation) map[string]value {
			return fields("schemaname", rel.Schema, "matviewname", rel.Name.Name)
		}), true
	case "pg_sequences":
		return r.ofKind("S", func(rel *pgschema.Relation) map[string]value {
			return fields("schemaname", rel.Schema, "sequencename", rel.Name.Name)
		}), true
	case "pg_attribute":
		return r.each(func(rel *pgschema.Relation) []map[string]value {
			var rows []map[string]value
			for i, c := range rel.Columns {
				rows = append(rows, fields("attrelid", object(rel.Name), "attname", c.Name, "attnum", i+1, "attisdropped", false, "attnotnull", c.NotNull))
			}
			return rows
		}), true
	case "pg_constraint":
		return r.pgConstraint(), true
	case "pg_index", "pg_indexes":
		return r.pgIndex(), true
	case "pg_policy", "pg_policies":
		return r.pgPolicy(), true
	case "pg_trigger":
		return r.each(func(rel *pgschema.Relation) []map[string]value {
			var rows []map[string]value
			for _, t := range rel.Triggers {
				rows = append(rows, fields("tgname", t.Name, "tgrelid", object(rel.Name), "tgisinternal", false))
			}
			return rows
		}), true
	case "pg_inherits":
		return r.each(func(rel *pgschema.Relation) []map[string]value {
			var rows []map[string]value
			for _, p := range r.parentsOf(rel) {
				rows = append(rows, fields("inhrelid", object(rel.Name), "inhparent", object(p.Name)))
			}
			return rows
		}), true
	case "pg_roles", "pg_authid", "pg_user", "pg_shadow":
		return r.pgRoles(), true
	case "pg_type":
		return r.pgType(), true
	case "pg_enum":
		var rows []map[string]value
		for _, t := range sortedTypes(r.schema) {
			for i, l := range t.Labels {
				rows = append(rows, fields("enumtypid", object(t.Name), "enumlabel", l, "enumsortorder", i+1))
			}
		}
		return rows, true
	case "pg_proc":
		var rows []map[string]value
		for _, f := range r.currentFunctions() {
			rows = append(rows, fields("oid", object(f.Name), "proname", f.Name.Name, "pronamespace", f.Schema))
		}
		return rows, true
	case "pg_extension":
		var rows []map[string]value
		for _, n := range slices.Sorted(maps.Keys(r.extensions)) {
			rows = append(rows, fields("extname", n, "extnamespace", r.extensions[n]))
		}
		return rows, true
	case "pg_publication", "pg_publication_tables", "pg_subscription", "pg_event_trigger", "pg_statistic_ext":
		return nil, true // objects that the schema does not model: none exists yet
	}
	return nil, false
}

func (r *replayer) pgClass() []map[string]value {
	return r.each(func(rel *pgschema.Relation) []map[string]value {
		rows := one(fields("oid", object(rel.Name), "relname", rel.Name.Name, "relnamespace", rel.Schema, "relkind", string(rune(rel.Kind)),
			"relrowsecurity", rel.RowSecurity, "relforcerowsecurity", rel.ForceRowSecurity, "relispartition", rel.PartitionOf != nil,
			"relpartbound", boundValue(rel)))
		for _, idx := range rel.Indexes {
			kind := "i"
			if rel.Kind == pgschema.PartitionedTable {
				kind = "I"
			}
			rows = append(rows, fields("oid", object(pgschema.Name{Schema: rel.Schema, Name: idx.Name}), "relname", idx.Name, "relnamespace", rel.Schema,
				"relkind", kind, "relrowsecurity", false, "relforcerowsecurity", false))
		}
		return rows
	})
}

func boundValue(rel *pgschema.Relation) value {
	if rel.PartitionOf == nil {
		return null
	}
	return textValue(rel.PartitionBound)
}

func (r *replayer) pgConstraint() []map[string]value {
	return r.each(func(rel *pgschema.Relation) []map[string]value {
		var rows []map[string]value
		for _, c := range rel.Constraints {
			target := textValue("")
			if c.Kind == pgschema.ForeignKey {
				target = object(c.RefTable)
			}
			rows = append(rows, fields("oid", rel.Name.String()+"/"+c.Name, "conname", c.Name, "conrelid", object(rel.Name), "confrelid", target,
				"contype", string(rune(c.Kind)), "connamespace", rel.Schema, "convalidated", !c.NotValid))
		}
		return rows
	})
}

func (r *replayer) pgIndex() []map[string]value {
	return r.each(func(rel *pgschema.Relation) []map[string]value {
		var rows []map[string]value
		for _, i := range rel.Indexes {
			rows = append(rows, fields("indexrelid", object(pgschema.Name{Schema: rel.Schema, Name: i.Name}), "indrelid", object(rel.Name),
				"indisunique", i.Unique, "indisprimary", i.Primary, "indisvalid", true,
				"schemaname", rel.Schema, "tablename", rel.Name.Name, "indexname", i.Name))
		}
		return rows
	})
}

func (r *replayer) pgPolicy() []map[string]value {
	return r.each(func(rel *pgschema.Relation) []map[string]value {
		var rows []map[string]value
		for _, p := range rel.Policies {
			kind := "RESTRICTIVE"
			if p.Permissive {
				kind = "PERMISSIVE"
			}
			rows = append(rows, fields("polname", p.Name, "polrelid", object(rel.Name), "polpermissive", p.Permissive,
				"schemaname", rel.Schema, "tablename", rel.Name.Name, "policyname", p.Name, "permissive", kind, "cmd", strings.ToUpper(p.Command)))
		}
		return rows
	})
}

func (r *replayer) pgRoles() []map[string]value {
	var rows []map[string]value
	for _, name := range slices.Sorted(maps.Keys(r.schema.Roles)) {
		role := r.schema.Roles[name]
		rows = append(rows, fields("oid", role.Name, "rolname", role.Name, "usename", role.Name, "rolsuper", role.Superuser, "rolbypassrls", role.BypassRLS,
			"rolcanlogin", role.Login, "rolcreaterole", role.CreateRole))
	}
	if r.login != "" && r.schema.Roles[r.login] == nil {
		rows = append(rows, fields("oid", r.login, "rolname", r.login, "usename", r.login))
	}
	return rows
}

func sortedTypes(s *pgschema.Schema) []*pgschema.Type {
	return slices.SortedFunc(maps.Values(s.Types), func(a, b *pgschema.Type) int { return strings.Compare(a.Name.String(), b.Name.String()) })
}

// currentFunctions are the functions that exist, in order of creation.
func (r *replayer) currentFunctions() []*pgschema.Function {
	return slices.DeleteFunc(slices.Clone(r.schema.Functions), func(f *pgschema.Function) bool {
		return !slices.Contains(r.functions[f.Name], f)
	})
}

func (r *replayer) pgType() []map[string]value {
	var rows []map[string]value
	for _, t := range sortedTypes(r.schema) {
		rows = append(rows, fields("oid", object(t.Name), "typname", t.Name.Name, "typnamespace", t.Schema, "typtype", string(rune(t.Kind))))
	}
	return rows
}

func (r *replayer) informationSchema(name string) ([]map[string]value, bool) {
	switch name {
	case "schemata":
		var rows []map[string]value
		for _, n := range slices.Sorted(maps.Keys(r.schema.Namespaces)) {
			rows = append(rows, fields("schema_name", n))
		}
		return rows, true
	case "tables":
		return r.ofKind("rpvf", func(rel *pgschema.Relation) map[string]value {
			kind := "BASE TABLE"
			if rel.Kind == pgschema.View {
				kind = "VIEW"
			}
			return fields("table_schema", rel.Schema, "table_name", rel.Name.Name, "table_type", kind)
		}), true
	case "views":
		return r.ofKind("v", func(rel *pgschema.Relation) map[string]value {
			return fields("table_schema", rel.Schema, "table_name", rel.Name.Name)
		}), true
	case "sequences":
		return r.ofKind("S", func(rel *pgschema.Relation) map[string]value {
			return fields("sequence_schema", rel.Schema, "sequence_name", rel.Name.Name)
		}), true
	case "columns":
		return r.each(informationColumns), true
	case "table_constraints", "key_column_usage", "constraint_column_usage", "referential_constraints", "check_constraints":
		return r.each(func(rel *pgschema.Relation) []map[string]value { return informationConstraints(rel, name) }), true
	case "triggers":
		return r.each(func(rel *pgschema.Relation) []map[string]value {
			var rows []map[string]value
			for _, t := range rel.Triggers {
				rows = append(rows, fields("trigger_schema", rel.Schema, "trigger_name", t.Name, "event_object_schema", rel.Schema, "event_object_table", rel.Name.Name))
			}
			return rows
		}), true
	case "routines":
		var rows []map[string]value
		for _, f := range r.currentFunctions() {
			rows = append(rows, fields("routine_schema", f.Schema, "routine_name", f.Name.Name))
		}
		return rows, true
	}
	return nil, false
}

func informationColumns(rel *pgschema.Relation) []map[string]value {
	var rows []map[string]value
	if rel.Kind == pgschema.Sequence || rel.Kind == pgschema.MaterializedView {
		return nil
	}
	for i, c := range rel.Columns {
		nullable := "YES"
		if c.NotNull {
			nullable = "NO"
		}
		def := null
		if c.Default != nil {
			def = textValue(c.Default.Text)
		}
		row := fields("table_schema", rel.Schema, "table_name", rel.Name.Name, "column_name", c.Name, "ordinal_position", i+1,
			"is_nullable", nullable, "column_default", def)
		if c.Type != "" {
			row["data_type"] = textValue(dataType(c.Type))
		}
		rows = append(rows, row)
	}
	return rows
}

// dataType is a type as information_schema.columns.data_type gives it.
func dataType(t string) string {
	switch {
	case strings.HasSuffix(t, "[]"):
		return "ARRAY"
	case strings.Contains(t, "."):
		return "USER-DEFINED"
	}
	return bareType(t)
}

var constraintTypes = map[pgschema.ConstraintKind]string{
	pgschema.PrimaryKey: "PRIMARY KEY", pgschema.Unique: "UNIQUE", pgschema.ForeignKey: "FOREIGN KEY", pgschema.Check: "CHECK",
}

// informationConstraints makes the rows of the views about constraints; those by column have one row
// for each.
func informationConstraints(rel *pgschema.Relation, view string) []map[string]value {
	var rows []map[string]value
	for _, c := range rel.Constraints {
		row := func() map[string]value {
			return fields("constraint_schema", rel.Schema, "constraint_name", c.Name, "table_schema", rel.Schema, "table_name", rel.Name.Name,
				"constraint_type", constraintTypes[c.Kind])
		}
		columns := c.Columns
		if view == "constraint_column_usage" && c.Kind == pgschema.ForeignKey {
			columns = c.RefColumns
		}
		if !strings.HasSuffix(view, "column_usage") {
			rows = append(rows, row())
			continue
		}
		for i, name := range slices.Clone(columns) {
			by := row()
			by["column_name"], by["ordinal_position"] = textValue(name), textValue(strconv.Itoa(i+1))
			rows = append(rows, by)
		}
	}
	return rows
}
