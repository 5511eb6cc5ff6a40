package replay

import (
	"fmt"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// ownSequence makes the sequence behind a serial or identity column.
func (r *replayer) ownSequence(rel *pgschema.Relation, c *pgschema.Column) *pgschema.Relation {
	return r.newOwnedSequence(rel, c, r.relationName(rel.Schema, rel.Name.Name, c.Name, "seq"))
}

func (r *replayer) newOwnedSequence(rel *pgschema.Relation, c *pgschema.Column, name string) *pgschema.Relation {
	seq := &pgschema.Relation{
		Name: pgschema.Name{Schema: rel.Schema, Name: name}, Kind: pgschema.Sequence, Owner: rel.Owner,
		Origin: c.Origin, Temporary: rel.Temporary, Unlogged: rel.Unlogged && r.version >= 15,
	}
	r.addRelation(seq)
	r.owned[c] = seq
	return seq
}

// makeSerial gives a column of a serial type its sequence, default and NOT NULL.
func (r *replayer) makeSerial(rel *pgschema.Relation, c *pgschema.Column) {
	seq := r.ownSequence(rel, c)
	if !c.NotNull {
		c.NotNull, c.NotNullOrigin = true, c.Origin
	}
	text := fmt.Sprintf("nextval('%s'::regclass)", quoteName(seq.Name))
	if node, err := pgast.ParseExpr(text); err == nil {
		r.setDefault(rel, c, &pgschema.Expr{Text: text, Node: node})
	}
}

// makeIdentity applies GENERATED … AS IDENTITY.
func (r *replayer) makeIdentity(rel *pgschema.Relation, c *pgschema.Column, con *pgast.Constraint) {
	c.Identity = 'd'
	if con.GeneratedWhen == "a" {
		c.Identity = 'a'
	}
	r.setNotNull(c, con.Location)
	for _, o := range con.Options {
		if o := o.GetDefElem(); o.GetDefname() == "sequence_name" {
			_, name := qualified(o.Arg.GetList().GetItems())
			r.newOwnedSequence(rel, c, name)
			return
		}
	}
	r.ownSequence(rel, c)
}

// dropIdentity applies ALTER COLUMN … DROP IDENTITY.
func (r *replayer) dropIdentity(c *pgschema.Column) {
	c.Identity = 0
	r.dropOwned(c)
}

// dropOwned drops the sequence that a column owns.
func (r *replayer) dropOwned(c *pgschema.Column) {
	if seq := r.owned[c]; r.alive(seq) {
		r.forget(seq)
	}
	delete(r.owned, c)
}

func (r *replayer) createSequence(n *pgast.CreateSeqStmt) error {
	name, err := r.newName(n.Sequence)
	if err != nil {
		return err
	}
	if r.relationTaken(name) {
		if n.IfNotExists {
			return nil
		}
		return errorAt(n.Sequence.Location, "relation %q exists already at this point", name)
	}
	seq := &pgschema.Relation{
		Name: name, Kind: pgschema.Sequence, Owner: r.now.role, Origin: r.here(),
		Temporary: name.Schema == tempSchema, Unlogged: n.Sequence.Relpersistence == "u",
	}
	r.addRelation(seq)
	return r.ownedBy(seq, n.Options)
}

func (r *replayer) alterSequence(n *pgast.AlterSeqStmt) error {
	seq, err := r.relation(n.Sequence)
	if err != nil {
		if n.MissingOk {
			return nil
		}
		return err
	}
	return r.ownedBy(seq, n.Options)
}

// ownedBy applies the OWNED BY option, the only one of a sequence that matters to the schema.
func (r *replayer) ownedBy(seq *pgschema.Relation, options []*pgast.Node) error {
	for _, o := range options {
		o := o.GetDefElem()
		if o.GetDefname() != "owned_by" {
			continue
		}
		names := stringList(o.Arg.GetList().GetItems())
		for c, owned := range r.owned {
			if owned == seq {
				delete(r.owned, c)
			}
		}
		if len(names) < 2 {
			return nil
		}
		schema := ""
		if len(names) > 2 {
			schema = names[len(names)-3]
		}
		rel := r.find(schema, names[len(names)-2])
		if rel == nil {
			return fmt.Errorf("relation %q does not exist at this point", names[len(names)-2])
		}
		c, err := column(rel, names[len(names)-1])
		if err != nil {
			return err
		}
		r.owned[c] = seq
	}
	return nil
}
