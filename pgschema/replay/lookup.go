package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Names of schemas that PostgreSQL itself provides.
const (
	tempSchema    = "pg_temp"
	catalogSchema = "pg_catalog"
)

// initialPath is the built-in search_path (PostgreSQL manual, 20.11.1).
var initialPath = []string{"$user", "public"}

// defaultPath is the search path of a new session of the migrating role.
func (r *replayer) defaultPath() []string {
	path, best := initialPath, -1
	for _, d := range r.schema.SettingDefaults {
		if d.Name != "search_path" || d.Role != "" && d.Role != r.login {
			continue
		}
		// A setting of the role in the database wins over one of the role, that over one of the
		// database.
		rank := 0
		if d.Database != "" {
			rank++
		}
		if d.Role != "" {
			rank += 2
		}
		if rank >= best {
			path, best = splitPath(d.Value), rank
		}
	}
	return path
}

// path calls yield for the schemas of the search path that exist and that the current role may use. One that
// may use none was given what it needs elsewhere.
func (r *replayer) path(yield func(string) bool) {
	none := true
	for _, all := range []bool{false, true} {
		for _, name := range r.now.path {
			if name == "$user" {
				name = r.now.role
			}
			if ns := r.schema.Namespaces[name]; ns != nil && (all && none || !all && r.mayUse(ns)) {
				if !yield(name) {
					return
				}
				none = all
			}
		}
	}
}

// creationSchema is the schema in which an object of an unqualified name is created.
func (r *replayer) creationSchema(schema string) (string, error) {
	if schema != "" {
		if r.schema.Namespaces[schema] == nil && !isSystemSchema(schema) {
			return "", fmt.Errorf("schema %q does not exist at this point", schema)
		}
		return schema, nil
	}
	for name := range r.path {
		return name, nil
	}
	return "", fmt.Errorf("no schema of the search path exists at this point, so nothing can be created without naming one")
}

func isSystemSchema(name string) bool {
	return name == catalogSchema || name == "information_schema" || name == tempSchema
}

// newName is the name under which a relation is created.
func (r *replayer) newName(v *pgast.RangeVar) (pgschema.Name, error) {
	if v.Relpersistence == "t" || v.Schemaname == tempSchema {
		return pgschema.Name{Schema: tempSchema, Name: v.Relname}, nil
	}
	schema, err := r.creationSchema(v.Schemaname)
	return pgschema.Name{Schema: schema, Name: v.Relname}, err
}

// find looks a relation up as PostgreSQL does; nil when there is none.
func (r *replayer) find(schema, name string) *pgschema.Relation {
	if schema != "" {
		return r.schema.Relations[pgschema.Name{Schema: schema, Name: name}]
	}
	if rel := r.schema.Relations[pgschema.Name{Schema: tempSchema, Name: name}]; rel != nil {
		return rel
	}
	for schema := range r.path {
		if rel := r.schema.Relations[pgschema.Name{Schema: schema, Name: name}]; rel != nil {
			return rel
		}
	}
	return nil
}

// relation looks up the relation that a statement names.
func (r *replayer) relation(v *pgast.RangeVar) (*pgschema.Relation, error) {
	if rel := r.find(v.Schemaname, v.Relname); rel != nil {
		return rel, nil
	}
	return nil, errorAt(v.Location, "relation %q does not exist at this point", pgschema.Name{Schema: v.Schemaname, Name: v.Relname})
}

// index looks up an index.
func (r *replayer) index(schema, name string) (indexRef, bool) {
	if schema != "" {
		ref, ok := r.indexes[pgschema.Name{Schema: schema, Name: name}]
		return ref, ok
	}
	for schema := range r.path {
		if ref, ok := r.indexes[pgschema.Name{Schema: schema, Name: name}]; ok {
			return ref, true
		}
	}
	return indexRef{}, false
}

// relationTaken reports whether a table, view, sequence or index has the name.
func (r *replayer) relationTaken(name pgschema.Name) bool {
	_, isIndex := r.indexes[name]
	return isIndex || r.schema.Relations[name] != nil
}

// findType looks up a type by its possibly qualified name.
func (r *replayer) findType(schema, name string) *pgschema.Type {
	if schema != "" {
		return r.schema.Types[pgschema.Name{Schema: schema, Name: name}]
	}
	for schema := range r.path {
		if t := r.schema.Types[pgschema.Name{Schema: schema, Name: name}]; t != nil {
			return t
		}
	}
	return nil
}

// lookupFunctions finds the functions of a name along the search path, where one hides those of the same
// arguments behind it.
func (r *replayer) lookupFunctions(schema, name string) []*pgschema.Function {
	if schema != "" {
		return r.functions[pgschema.Name{Schema: schema, Name: name}]
	}
	var found []*pgschema.Function
	for schema := range r.path {
		for _, f := range r.functions[pgschema.Name{Schema: schema, Name: name}] {
			hidden := slices.ContainsFunc(found, func(first *pgschema.Function) bool { return slices.Equal(first.Args, f.Args) })
			if !hidden {
				found = append(found, f)
			}
		}
	}
	return found
}

// stringList returns the names in a list of String nodes.
func stringList(nodes []*pgast.Node) []string {
	var names []string
	for _, n := range nodes {
		if s := n.GetString_(); s != nil {
			names = append(names, s.Sval)
		}
	}
	return names
}

// qualified splits a possibly qualified name in a list of String nodes.
func qualified(nodes []*pgast.Node) (schema, name string) {
	names := stringList(nodes)
	switch len(names) {
	case 0:
		return "", ""
	case 1:
		return "", names[0]
	}
	return names[len(names)-2], names[len(names)-1]
}

// alive reports whether a relation is still in the schema.
func (r *replayer) alive(rel *pgschema.Relation) bool {
	return rel != nil && r.schema.Relations[rel.Name] == rel
}

// roleName resolves the role that a statement names; "public" stands for everyone.
func (r *replayer) roleName(role *pgast.RoleSpec) string {
	switch role.GetRoletype() {
	case pgast.RoleSpecType_ROLESPEC_PUBLIC:
		return "public"
	case pgast.RoleSpecType_ROLESPEC_CURRENT_ROLE, pgast.RoleSpecType_ROLESPEC_CURRENT_USER:
		return r.now.role
	case pgast.RoleSpecType_ROLESPEC_SESSION_USER:
		return r.now.session
	}
	return role.GetRolename()
}

func (r *replayer) roleNames(nodes []*pgast.Node) []string {
	var names []string
	for _, n := range nodes {
		if name := r.roleName(n.GetRoleSpec()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
