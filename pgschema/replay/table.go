package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// pendingConstraint is a constraint of a table definition that waits until all columns exist.
type pendingConstraint struct {
	*pgast.Constraint
	column string // the column that it stands behind, or ""
}

// createTable applies CREATE TABLE in all its forms but CREATE TABLE AS.
func (r *replayer) createTable(n *pgast.CreateStmt, kind pgschema.Kind) error {
	name, err := r.newName(n.Relation)
	if err != nil {
		return err
	}
	if r.relationTaken(name) && !r.replacesTemporary(name) {
		if n.IfNotExists {
			return nil
		}
		return errorAt(n.Relation.Location, "relation %q exists already at this point", name)
	}
	rel := &pgschema.Relation{
		Name: name, Kind: kind, Owner: r.now.role, Origin: r.at(n.Relation.Location),
		Temporary: name.Schema == tempSchema, Unlogged: n.Relation.Relpersistence == "u",
	}
	if n.Partspec != nil {
		rel.Kind = pgschema.PartitionedTable
		rel.PartitionStrategy = partitionStrategies[n.Partspec.Strategy]
		for _, p := range n.Partspec.PartParams {
			rel.PartitionKey = append(rel.PartitionKey, p.GetPartitionElem().GetName())
		}
	}

	parents, err := r.parents(n.InhRelations)
	if err != nil {
		return err
	}
	sources := r.likeSources(n)
	r.addRelation(rel)
	for _, parent := range parents {
		r.inheritColumns(rel, parent)
	}
	pending := r.tableElements(rel, n, sources)
	for _, parent := range parents {
		r.adopt(rel, parent, n.Partbound != nil)
	}
	for _, e := range n.TableElts {
		if like := e.GetTableLikeClause(); sources[like] != nil {
			r.copyLike(rel, like, sources[like])
		}
	}
	r.addPending(rel, pending)
	if n.Partbound != nil {
		rel.PartitionBound = r.boundText(n.Partbound)
		r.clonePartitionParts(rel, parents[0])
	}
	return nil
}

// replacesTemporary reports whether the name is that of a temporary table of an earlier session,
// and if so drops it.
func (r *replayer) replacesTemporary(name pgschema.Name) bool {
	rel := r.schema.Relations[name]
	if rel == nil || !rel.Temporary || rel.Origin.File == r.here().File {
		return false
	}
	r.forget(rel)
	return true
}

func (r *replayer) parents(nodes []*pgast.Node) ([]*pgschema.Relation, error) {
	var parents []*pgschema.Relation
	for _, n := range nodes {
		parent, err := r.relation(n.GetRangeVar())
		if err != nil {
			return nil, err
		}
		parents = append(parents, parent)
	}
	return parents, nil
}

// tableElements adds the columns of a table definition; it returns the constraints in the order
// in which PostgreSQL creates them.
func (r *replayer) tableElements(rel *pgschema.Relation, n *pgast.CreateStmt, sources map[*pgast.TableLikeClause]*pgschema.Relation) []pendingConstraint {
	var pending []pendingConstraint
	if n.OfTypename != nil {
		r.copyTypeColumns(rel, n.OfTypename)
	}
	for _, e := range slices.Concat(n.TableElts, n.Constraints) {
		switch e := pgast.Unwrap(e).(type) {
		case *pgast.ColumnDef:
			pending = append(pending, r.addColumn(rel, e)...)
		case *pgast.Constraint:
			pending = append(pending, pendingConstraint{e, ""})
		case *pgast.TableLikeClause:
			if source := sources[e]; source != nil {
				r.likeColumns(rel, e, source)
			}
		}
	}
	return pending
}

// addPending adds constraints: checks first, then keys, foreign keys last.
func (r *replayer) addPending(rel *pgschema.Relation, pending []pendingConstraint) {
	rank := func(p pendingConstraint) int {
		switch p.Contype {
		case pgast.ConstrType_CONSTR_CHECK:
			return 0
		case pgast.ConstrType_CONSTR_PRIMARY:
			return 1
		case pgast.ConstrType_CONSTR_FOREIGN:
			return 3
		}
		return 2
	}
	slices.SortStableFunc(pending, func(a, b pendingConstraint) int { return rank(a) - rank(b) })
	for _, p := range withoutRepeatedKeys(pending) {
		if err := r.defineConstraint(rel, p.Constraint, p.column); err != nil {
			r.skip(p.Location, "%s", err)
		}
	}
}

// withoutRepeatedKeys drops a key that repeats one before it, as PostgreSQL does for UNIQUE PRIMARY
// KEY; its name goes to the other if that has none.
func withoutRepeatedKeys(pending []pendingConstraint) []pendingConstraint {
	first := map[string]*pgast.Constraint{}
	return slices.DeleteFunc(pending, func(p pendingConstraint) bool {
		if p.Contype != pgast.ConstrType_CONSTR_PRIMARY && p.Contype != pgast.ConstrType_CONSTR_UNIQUE || p.Indexname != "" {
			return false
		}
		names := stringList(p.Keys)
		if p.column != "" {
			names = []string{p.column}
		}
		key := fmt.Sprintf("%q %q %t %t", names, stringList(p.Including), p.Deferrable, p.NullsNotDistinct)
		before := first[key]
		if before == nil {
			first[key] = p.Constraint
			return false
		}
		if before.Conname == "" {
			before.Conname = p.Conname
		}
		return true
	})
}

// addColumn adds a column, or merges it into one that an inheritance parent gave. The constraints
// it returns need the whole table.
func (r *replayer) addColumn(rel *pgschema.Relation, def *pgast.ColumnDef) []pendingConstraint {
	at := r.at(def.Location)
	c := rel.Column(def.Colname)
	switch {
	case c == nil:
		c = &pgschema.Column{Name: def.Colname, Origin: at}
		rel.Columns = append(rel.Columns, c)
	case r.inherited[c]:
		if def.TypeName != nil { // without a type it only gives options to what is inherited
			delete(r.inherited, c)
		}
	default:
		r.skip(def.Location, "column %q exists already in %s", def.Colname, rel.Name)
		return nil
	}
	if def.TypeName != nil {
		typ := r.typeOfName(def.TypeName)
		r.setType(rel, c, typ)
		if typ.serial {
			r.makeSerial(rel, c)
		}
	}
	var pending []pendingConstraint
	for _, node := range def.Constraints {
		con := node.GetConstraint()
		switch con.GetContype() {
		case pgast.ConstrType_CONSTR_NOTNULL:
			r.setNotNull(c, con.Location)
		case pgast.ConstrType_CONSTR_NULL:
		case pgast.ConstrType_CONSTR_DEFAULT:
			r.setDefault(rel, c, r.expr(con.RawExpr, defaultText(r.textFrom(con.Location))))
		case pgast.ConstrType_CONSTR_GENERATED:
			c.Generated = r.expr(con.RawExpr, group(r.textFrom(con.Location)))
			r.use(rel, c, c.Generated)
		case pgast.ConstrType_CONSTR_IDENTITY:
			r.makeIdentity(rel, c, con)
		case pgast.ConstrType_CONSTR_PRIMARY, pgast.ConstrType_CONSTR_UNIQUE, pgast.ConstrType_CONSTR_CHECK,
			pgast.ConstrType_CONSTR_FOREIGN, pgast.ConstrType_CONSTR_EXCLUSION:
			pending = append(pending, pendingConstraint{con, def.Colname})
		}
	}
	return pending
}

func (r *replayer) setType(rel *pgschema.Relation, c *pgschema.Column, typ columnType) {
	c.Type = typ.text
	delete(r.typeOf, c)
	if typ.user != nil {
		r.typeOf[c] = typ.user
		r.users[typ.user] = append(r.users[typ.user], user{rel: rel, part: c})
	}
}

func (r *replayer) setNotNull(c *pgschema.Column, location int32) {
	if !c.NotNull {
		c.NotNull, c.NotNullOrigin = true, r.at(location)
	}
}

// setDefault sets the default of a column; DEFAULT NULL is none.
func (r *replayer) setDefault(rel *pgschema.Relation, c *pgschema.Column, e *pgschema.Expr) {
	if e != nil && isNull(e.Node) {
		e = nil
	}
	c.Default = e
	r.use(rel, c, e)
}

// isNull reports whether an expression is the constant NULL, with or without a type.
func isNull(node *pgast.Node) bool {
	for node.GetTypeCast() != nil {
		node = node.GetTypeCast().Arg
	}
	return node.GetAConst().GetIsnull()
}

// copyTypeColumns gives a typed table the columns of its composite type.
func (r *replayer) copyTypeColumns(rel *pgschema.Relation, t *pgast.TypeName) {
	schema, name := qualified(t.Names)
	typ := r.findType(schema, name)
	if typ == nil {
		r.skip(t.Location, "type %q does not exist at this point, so the columns of %s are not known", name, rel.Name)
		return
	}
	r.users[typ] = append(r.users[typ], user{rel: rel})
	for _, a := range typ.Attributes {
		c := *a
		c.Origin = rel.Origin
		rel.Columns = append(rel.Columns, &c)
		r.inherited[&c] = true
	}
}

// column finds a column that a statement names.
func column(rel *pgschema.Relation, name string) (*pgschema.Column, error) {
	if c := rel.Column(name); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("column %q of relation %q does not exist at this point", name, rel.Name)
}
