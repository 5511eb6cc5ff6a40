package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// allPrivileges are what ALL PRIVILEGES means for a kind of object (PostgreSQL manual, 5.8).
func (r *replayer) allPrivileges(objects string) []string {
	switch objects {
	case "tables":
		all := []string{"select", "insert", "update", "delete", "truncate", "references", "trigger"}
		if r.version >= 17 {
			all = append(all, "maintain")
		}
		return all
	case "columns":
		return []string{"select", "insert", "update", "references"}
	case "sequences":
		return []string{"select", "update", "usage"}
	case "functions":
		return []string{"execute"}
	case "schemas":
		return []string{"create", "usage"}
	case "types":
		return []string{"usage"}
	}
	return nil
}

// grantObjects are the kinds of objects that GRANT names, in the words of DefaultPrivilege.
var grantObjects = map[pgast.ObjectType]string{
	pgast.ObjectType_OBJECT_TABLE:     "tables",
	pgast.ObjectType_OBJECT_SEQUENCE:  "sequences",
	pgast.ObjectType_OBJECT_FUNCTION:  "functions",
	pgast.ObjectType_OBJECT_PROCEDURE: "functions",
	pgast.ObjectType_OBJECT_ROUTINE:   "functions",
	pgast.ObjectType_OBJECT_SCHEMA:    "schemas",
	pgast.ObjectType_OBJECT_TYPE:      "types",
	pgast.ObjectType_OBJECT_DOMAIN:    "types",
}

// grantChange is what one GRANT or REVOKE does to each of its objects.
type grantChange struct {
	grant      bool
	option     bool // WITH GRANT OPTION, or REVOKE GRANT OPTION FOR
	privileges []string
	grantees   []string
	origin     pgschema.Origin
	// grantor is who gives or takes the privileges, "" for the owner; grantors keeps those of others.
	grantor  string
	grantors map[*pgschema.Grant]string
	cascade  bool
}

// apply changes a list of grants; the owner's own privileges are not listed.
func (c grantChange) apply(grants *[]*pgschema.Grant, owner string) {
	for _, grantee := range c.grantees {
		if grantee == owner && owner != "" {
			continue
		}
		for _, privilege := range c.privileges {
			c.applyOne(grants, grantee, privilege)
		}
	}
}

// applyGrant changes a list of grants as far as the current role may.
func (r *replayer) applyGrant(c grantChange, grants *[]*pgschema.Grant, owner string) {
	c.privileges = r.grantable(c.privileges, owner, *grants)
	r.applyAs(c, grants, nil, owner)
}

func (c grantChange) applyOne(grants *[]*pgschema.Grant, grantee, privilege string) {
	i := slices.IndexFunc(*grants, func(g *pgschema.Grant) bool {
		return g.Grantee == grantee && g.Privilege == privilege && c.grantors[g] == c.grantor
	})
	switch {
	case c.grant && i < 0:
		g := &pgschema.Grant{Privilege: privilege, Grantee: grantee, GrantOption: c.option, Origin: c.origin}
		*grants = append(*grants, g)
		if c.grantor != "" {
			c.grantors[g] = c.grantor
		}
	case c.grant:
		(*grants)[i].GrantOption = (*grants)[i].GrantOption || c.option
	case i >= 0 && c.option:
		(*grants)[i].GrantOption = false
	case i >= 0:
		*grants = slices.Delete(*grants, i, i+1)
	}
}

// grantPrivileges applies GRANT and REVOKE on objects.
func (r *replayer) grantPrivileges(n *pgast.GrantStmt) error {
	objects := grantObjects[n.Objtype]
	if objects == "" {
		return nil // databases, languages, servers, settings: none is part of the schema
	}
	if by := r.roleName(n.Grantor); !n.IsGrant && by != r.now.role && r.now.role != "" && r.schema.Roles[by] != nil {
		return fmt.Errorf("only role %q itself can be named behind GRANTED BY here, not %q", r.now.role, by)
	}
	change, columns := r.grantChange(n, objects)
	switch n.Targtype {
	case pgast.GrantTargetType_ACL_TARGET_ALL_IN_SCHEMA:
		return r.grantAll(n, objects, change)
	case pgast.GrantTargetType_ACL_TARGET_OBJECT:
		for _, object := range n.Objects {
			if err := r.grantOn(object, objects, change, columns); err != nil {
				r.skip(0, "%s", err)
			}
		}
	}
	return nil
}

// columnPrivileges are the privileges of a GRANT by column.
type columnPrivileges map[string][]string

func (r *replayer) grantChange(n *pgast.GrantStmt, objects string) (grantChange, columnPrivileges) {
	change := grantChange{
		grant: n.IsGrant, option: n.GrantOption, grantees: r.roleNames(n.Grantees), origin: r.here(), cascade: cascades(n.Behavior),
	}
	columns := columnPrivileges{}
	if len(n.Privileges) == 0 {
		change.privileges = r.allPrivileges(objects)
	}
	for _, node := range n.Privileges {
		p := node.GetAccessPriv()
		privileges := []string{strings.ToLower(p.GetPrivName())}
		if p.GetPrivName() == "" {
			privileges = r.allPrivileges("columns")
		}
		if len(p.GetCols()) == 0 {
			change.privileges = append(change.privileges, privileges...)
		}
		for _, c := range stringList(p.GetCols()) {
			columns[c] = append(columns[c], privileges...)
		}
	}
	return change, columns
}

func (r *replayer) grantOn(object *pgast.Node, objects string, change grantChange, columns columnPrivileges) error {
	switch objects {
	case "schemas":
		name := object.GetString_().GetSval()
		ns := r.schema.Namespaces[name]
		if ns == nil {
			if isSystemSchema(name) {
				return nil
			}
			return fmt.Errorf("schema %q does not exist at this point", name)
		}
		r.applyGrant(change, &ns.Grants, ns.Owner)
	case "functions":
		f, err := r.function(object.GetObjectWithArgs())
		if err != nil {
			return err
		}
		r.applyGrant(change, &f.Grants, f.Owner)
	case "types":
		t, err := r.typeNamed(object.GetList().GetItems())
		if err != nil {
			return err
		}
		r.applyGrant(change, &t.Grants, t.Owner)
	default:
		rel, err := r.relation(object.GetRangeVar())
		if err != nil {
			return err
		}
		r.event("GrantStmt", rel.Name, strings.Join(change.privileges, ", "))
		r.grantOnRelation(rel, change)
		return r.grantOnColumns(rel, change, columns)
	}
	return nil
}

// grantOnRelation applies privileges on a whole relation; revoking one there revokes it on each
// column too (PostgreSQL manual, REVOKE).
func (r *replayer) grantOnRelation(rel *pgschema.Relation, change grantChange) {
	if rel.Kind == pgschema.Sequence && len(change.privileges) > 3 {
		change.privileges = r.allPrivileges("sequences") // GRANT ALL ON TABLE of a sequence
	}
	change.privileges = r.grantable(change.privileges, rel.Owner, rel.Grants)
	own := slices.Clone(rel.Grants)
	if !r.applyAs(change, &rel.Grants, nil, rel.Owner) {
		return
	}
	change.applyToOwner(rel)
	if !change.grant {
		for _, c := range rel.Columns {
			r.applyAs(change, &c.Grants, own, rel.Owner)
		}
	}
}

func (r *replayer) grantOnColumns(rel *pgschema.Relation, change grantChange, columns columnPrivileges) error {
	for name, privileges := range columns {
		c, err := column(rel, name)
		if err != nil {
			return err
		}
		grants := slices.Concat(rel.Grants, c.Grants)
		change.privileges = r.grantable(privileges, rel.Owner, grants)
		r.applyAs(change, &c.Grants, rel.Grants, rel.Owner)
	}
	return nil
}

// grantAll applies GRANT … ON ALL … IN SCHEMA.
func (r *replayer) grantAll(n *pgast.GrantStmt, objects string, change grantChange) error {
	for _, schema := range stringList(n.Objects) {
		if r.schema.Namespaces[schema] == nil {
			if !isSystemSchema(schema) {
				r.skip(0, "schema %q does not exist at this point", schema)
			}
			continue
		}
		r.event("GrantStmt", pgschema.Name{Schema: schema}, strings.Join(change.privileges, ", "))
		for name, rel := range r.schema.Relations {
			if name.Schema == schema && (rel.Kind == pgschema.Sequence) == (objects == "sequences") && objects != "functions" {
				r.grantOnRelation(rel, change)
			}
		}
		if objects != "functions" {
			continue
		}
		for name, functions := range r.functions {
			for _, f := range functions {
				if name.Schema == schema && (n.Objtype == pgast.ObjectType_OBJECT_ROUTINE ||
					f.Procedure == (n.Objtype == pgast.ObjectType_OBJECT_PROCEDURE)) {
					r.applyGrant(change, &f.Grants, f.Owner)
				}
			}
		}
	}
	return nil
}

// everyGrant calls visit with each list of grants in the schema and the owner of its object.
func (r *replayer) everyGrant(visit func(owner string, grants *[]*pgschema.Grant)) {
	for _, ns := range r.schema.Namespaces {
		visit(ns.Owner, &ns.Grants)
	}
	for _, rel := range r.schema.Relations {
		visit(rel.Owner, &rel.Grants)
		for _, c := range rel.Columns {
			visit(rel.Owner, &c.Grants)
		}
	}
	for _, f := range r.currentFunctions() {
		visit(f.Owner, &f.Grants)
	}
	for _, t := range r.schema.Types {
		visit(t.Owner, &t.Grants)
	}
}
