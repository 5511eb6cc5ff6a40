package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// createType enters a new type.
func (r *replayer) createType(names []*pgast.Node, t *pgschema.Type) error {
	schema, name := qualified(names)
	schema, err := r.creationSchema(schema)
	if err != nil {
		return err
	}
	t.Name = pgschema.Name{Schema: schema, Name: name}
	if r.schema.Types[t.Name] != nil || r.schema.Relations[t.Name] != nil {
		return fmt.Errorf("type %q exists already at this point", t.Name)
	}
	t.Owner, t.Origin = r.now.role, r.here()
	t.Grants = r.initialGrants(t.Owner, schema, "types")
	r.schema.Types[t.Name] = t
	return nil
}

func (r *replayer) createEnum(n *pgast.CreateEnumStmt) error {
	return r.createType(n.TypeName, &pgschema.Type{Kind: 'e', Labels: stringList(n.Vals)})
}

func (r *replayer) createDomain(n *pgast.CreateDomainStmt) error {
	return r.createType(n.Domainname, &pgschema.Type{Kind: 'd', Base: r.typeOfName(n.TypeName).text})
}

func (r *replayer) createRange(n *pgast.CreateRangeStmt) error {
	return r.createType(n.TypeName, &pgschema.Type{Kind: 'r'})
}

func (r *replayer) createComposite(n *pgast.CompositeTypeStmt) error {
	t := &pgschema.Type{Kind: 'c'}
	for _, node := range n.Coldeflist {
		def := node.GetColumnDef()
		t.Attributes = append(t.Attributes, &pgschema.Column{
			Name: def.GetColname(), Type: r.typeOfName(def.GetTypeName()).text, Origin: r.at(def.GetLocation()),
		})
	}
	names := []*pgast.Node{stringNode(n.Typevar.GetRelname())}
	if schema := n.Typevar.GetSchemaname(); schema != "" {
		names = append([]*pgast.Node{stringNode(schema)}, names...)
	}
	return r.createType(names, t)
}

// typeNamed finds the type that a statement names.
func (r *replayer) typeNamed(names []*pgast.Node) (*pgschema.Type, error) {
	schema, name := qualified(names)
	if t := r.findType(schema, name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("type %q does not exist at this point", pgschema.Name{Schema: schema, Name: name})
}

// alterEnum applies ADD VALUE and RENAME VALUE.
func (r *replayer) alterEnum(n *pgast.AlterEnumStmt) error {
	t, err := r.typeNamed(n.TypeName)
	if err != nil {
		return err
	}
	if n.OldVal != "" {
		i := slices.Index(t.Labels, n.OldVal)
		if i < 0 {
			return fmt.Errorf("%q is not a label of enum %s at this point", n.OldVal, t.Name)
		}
		t.Labels[i] = n.NewVal
		return nil
	}
	if slices.Contains(t.Labels, n.NewVal) {
		if n.SkipIfNewValExists {
			return nil
		}
		return fmt.Errorf("enum label %q exists already at this point", n.NewVal)
	}
	at := len(t.Labels)
	if n.NewValNeighbor != "" {
		if at = slices.Index(t.Labels, n.NewValNeighbor); at < 0 {
			return fmt.Errorf("%q is not a label of enum %s at this point", n.NewValNeighbor, t.Name)
		}
		if n.NewValIsAfter {
			at++
		}
	}
	t.Labels = slices.Insert(t.Labels, at, n.NewVal)
	return nil
}

// alterComposite applies ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE.
func (r *replayer) alterComposite(n *pgast.AlterTableStmt) error {
	t := r.findType(n.Relation.GetSchemaname(), n.Relation.GetRelname())
	if t == nil {
		return errorAt(n.Relation.GetLocation(), "type %q does not exist at this point", n.Relation.GetRelname())
	}
	for _, node := range n.Cmds {
		cmd := node.GetAlterTableCmd()
		if cascades(cmd.GetBehavior()) {
			return &undecidedError{n.Relation.GetLocation(), "typed-table", "with CASCADE the typed tables of a composite type change with it, which is not replayed"}
		}
		at := slices.IndexFunc(t.Attributes, func(c *pgschema.Column) bool { return c.Name == cmd.GetName() })
		def := cmd.GetDef().GetColumnDef()
		switch {
		case cmd.GetSubtype() == pgast.AlterTableType_AT_AddColumn:
			t.Attributes = append(t.Attributes, &pgschema.Column{
				Name: def.GetColname(), Type: r.typeOfName(def.GetTypeName()).text, Origin: r.at(def.GetLocation()),
			})
		case cmd.GetSubtype() == pgast.AlterTableType_AT_ChangeOwner:
			r.changeOwner(&t.Owner, &t.Grants, r.roleName(cmd.Newowner))
		case at < 0:
			if !cmd.GetMissingOk() {
				return fmt.Errorf("type %s has no attribute %q at this point", t.Name, cmd.GetName())
			}
		case cmd.GetSubtype() == pgast.AlterTableType_AT_DropColumn:
			t.Attributes = slices.Delete(t.Attributes, at, at+1)
		case cmd.GetSubtype() == pgast.AlterTableType_AT_AlterColumnType:
			t.Attributes[at].Type = r.typeOfName(def.GetTypeName()).text
		}
	}
	return nil
}

func (r *replayer) renameAttribute(n *pgast.RenameStmt) error {
	t := r.findType(n.Relation.GetSchemaname(), n.Relation.GetRelname())
	if t != nil {
		for _, a := range t.Attributes {
			if a.Name == n.Subname {
				a.Name = n.Newname
				return nil
			}
		}
	}
	return fmt.Errorf("type %q has no attribute %q at this point", n.Relation.GetRelname(), n.Subname)
}

func (r *replayer) dropNamedType(n *pgast.TypeName, ok, cascade bool) error {
	t, err := r.typeNamed(n.GetNames())
	if err != nil {
		if ok {
			return nil
		}
		return err
	}
	return r.dropType(t, cascade)
}

// dropType drops a type; the columns of the type go with CASCADE only.
func (r *replayer) dropType(t *pgschema.Type, cascade bool) error {
	for u := range r.usersOf(t) {
		if !cascade {
			return fmt.Errorf("cannot drop type %s: %s depends on it", t.Name, u.describe())
		}
		if err := r.dropUser(u); err != nil {
			return err
		}
	}
	delete(r.schema.Types, t.Name)
	return nil
}

// moveType brings a type to another name or schema, and with it the columns of the type.
func (r *replayer) moveType(t *pgschema.Type, to pgschema.Name) {
	from := quoteName(t.Name)
	delete(r.schema.Types, t.Name)
	t.Name = to
	r.schema.Types[to] = t
	for u := range r.usersOf(t) {
		switch p := u.part.(type) {
		case *pgschema.Column:
			if u.expr == nil {
				p.Type = renameType(p.Type, from, quoteName(to))
			}
		case *pgschema.Function:
			renameInSignature(p, from, quoteName(to))
		}
	}
	for _, other := range r.schema.Types {
		for _, a := range other.Attributes {
			a.Type = renameType(a.Type, from, quoteName(to))
		}
		other.Base = renameType(other.Base, from, quoteName(to))
	}
}
