package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// createSchema applies CREATE SCHEMA with AUTHORIZATION and elements.
func (r *replayer) createSchema(n *pgast.CreateSchemaStmt) error {
	owner := r.now.role
	if n.Authrole != nil {
		owner = r.roleName(n.Authrole)
	}
	name := n.Schemaname
	if name == "" {
		name = owner
	}
	if r.schema.Namespaces[name] != nil {
		if n.IfNotExists {
			return nil
		}
		return fmt.Errorf("schema %q exists already at this point", name)
	}
	r.schema.Namespaces[name] = &pgschema.Namespace{
		Name: name, Owner: owner, Origin: r.here(), Grants: r.initialGrants(owner, "", "schemas"),
	}
	if len(n.SchemaElts) == 0 {
		return nil
	}
	// The elements are created by the owner, in the new schema (PostgreSQL manual, CREATE SCHEMA).
	saved := r.now
	r.now.role, r.now.path = owner, append([]string{name}, saved.path...)
	for _, e := range n.SchemaElts {
		r.applyNode(e)
	}
	r.now = saved
	return nil
}

// dropSchema drops a schema, with CASCADE also what is in it.
func (r *replayer) dropSchema(name string, ok, cascade bool) error {
	if r.schema.Namespaces[name] == nil {
		return missing(ok, "schema", "", name)
	}
	var relations []*pgschema.Relation
	for _, rel := range r.schema.Sorted() {
		if rel.Schema == name {
			relations = append(relations, rel)
		}
	}
	var functions []*pgschema.Function
	for n, fs := range r.functions {
		if n.Schema == name {
			functions = append(functions, fs...)
		}
	}
	var types []*pgschema.Type
	for n, t := range r.schema.Types {
		if n.Schema == name {
			types = append(types, t)
		}
	}
	if !cascade && len(relations)+len(functions)+len(types) > 0 {
		return fmt.Errorf("cannot drop schema %q because other objects are in it", name)
	}
	for _, rel := range relations {
		if r.alive(rel) {
			if err := r.dropRelation(rel, true); err != nil {
				return err
			}
		}
	}
	for _, f := range functions {
		if err := r.dropFunction(f, true); err != nil {
			return err
		}
	}
	for _, t := range types {
		if err := r.dropType(t, true); err != nil {
			return err
		}
	}
	delete(r.schema.Namespaces, name)
	for _, key := range slices.Clone(r.defaultKeys) {
		if key.schema == name {
			delete(r.defaults, key)
			r.defaultKeys = remove(r.defaultKeys, key)
		}
	}
	return nil
}

// renameSchema brings a schema and everything in it to another name.
func (r *replayer) renameSchema(from, to string) error {
	ns := r.schema.Namespaces[from]
	if ns == nil {
		return fmt.Errorf("schema %q does not exist at this point", from)
	}
	if r.schema.Namespaces[to] != nil {
		return fmt.Errorf("schema %q exists already at this point", to)
	}
	delete(r.schema.Namespaces, from)
	ns.Name = to
	r.schema.Namespaces[to] = ns
	for _, rel := range r.schema.Sorted() {
		if rel.Schema == from {
			r.move(rel, pgschema.Name{Schema: to, Name: rel.Name.Name})
		}
	}
	for _, f := range r.currentFunctions() {
		if f.Schema == from {
			r.moveFunction(f, pgschema.Name{Schema: to, Name: f.Name.Name})
		}
	}
	for name, t := range r.schema.Types {
		if name.Schema == from {
			r.moveType(t, pgschema.Name{Schema: to, Name: name.Name})
		}
	}
	for i, key := range r.defaultKeys {
		if key.schema == from {
			acl := r.defaults[key]
			delete(r.defaults, key)
			key.schema = to
			r.defaults[key], r.defaultKeys[i] = acl, key
		}
	}
	return nil
}
