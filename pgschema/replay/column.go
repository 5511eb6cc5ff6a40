package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// alterAddColumn applies ADD COLUMN, also to children.
func (r *replayer) alterAddColumn(rel *pgschema.Relation, cmd *pgast.AlterTableCmd) error {
	def := cmd.Def.GetColumnDef()
	if rel.Column(def.GetColname()) != nil {
		if cmd.MissingOk { // IF NOT EXISTS
			return nil
		}
		return errorAt(def.Location, "column %q of relation %q exists already at this point", def.Colname, rel.Name)
	}
	pending := r.addColumn(rel, def)
	added := rel.Column(def.Colname)
	for child := range r.family(rel) {
		if child == rel {
			continue
		}
		if c := child.Column(def.Colname); c == nil {
			r.addInherited(child, added)
		}
	}
	r.addPending(rel, pending)
	return nil
}

// alterDropColumn applies DROP COLUMN.
func (r *replayer) alterDropColumn(rel *pgschema.Relation, cmd *pgast.AlterTableCmd, recurse bool) error {
	c := rel.Column(cmd.Name)
	if c == nil {
		if cmd.MissingOk {
			return nil
		}
		return fmt.Errorf("column %q of relation %q does not exist at this point", cmd.Name, rel.Name)
	}
	if r.inheritsColumn(rel, cmd.Name) {
		return fmt.Errorf("cannot drop inherited column %q", cmd.Name)
	}
	if slices.Contains(rel.PartitionKey, cmd.Name) {
		return fmt.Errorf("cannot drop column %q named in partition key", cmd.Name)
	}
	return r.dropColumn(rel, c, cascades(cmd.Behavior), recurse)
}

// dropColumn drops a column with its indexes and constraints; policies, views, generated columns
// and foreign keys of others that read it go with CASCADE only (PostgreSQL manual, ALTER TABLE).
func (r *replayer) dropColumn(rel *pgschema.Relation, c *pgschema.Column, cascade, recurse bool) error {
	if err := r.dropReaders(rel, c, cascade); err != nil {
		return err
	}
	for _, idx := range slices.Clone(rel.Indexes) {
		if !slices.Contains(rel.Indexes, idx) || !r.indexReads(rel, idx, c.Name) {
			continue
		}
		if err := r.dropIndex(rel, idx, cascade); err != nil {
			return err
		}
	}
	for _, con := range slices.Clone(rel.Constraints) {
		if slices.Contains(con.Columns, c.Name) {
			r.removeConstraint(rel, con)
		}
	}
	if seq := r.owned[c]; r.alive(seq) {
		r.forget(seq)
	}
	delete(r.owned, c)
	rel.Columns = remove(rel.Columns, c)
	for _, child := range slices.Clone(r.children[rel]) {
		cc := child.Column(c.Name)
		if cc == nil || !r.inherited[cc] || r.otherParentHas(child, rel, c.Name) {
			continue
		}
		if !recurse {
			delete(r.inherited, cc)
			continue
		}
		if err := r.dropColumn(child, cc, cascade, true); err != nil {
			return err
		}
	}
	return nil
}

func (r *replayer) otherParentHas(child, except *pgschema.Relation, name string) bool {
	for _, p := range child.Inherits {
		if parent := r.schema.Relations[p]; parent != nil && parent != except && parent.Column(name) != nil {
			return true
		}
	}
	return false
}

func (r *replayer) indexReads(rel *pgschema.Relation, idx *pgschema.Index, name string) bool {
	if slices.Contains(idx.Columns, name) || slices.Contains(idx.Include, name) {
		return true
	}
	sc := tableScope(rel)
	for _, e := range idx.Exprs {
		if r.reads(e, sc, rel, name) {
			return true
		}
	}
	return r.reads(idx.Where, sc, rel, name)
}

// dropReaders drops with CASCADE what reads a column, and otherwise refuses.
func (r *replayer) dropReaders(rel *pgschema.Relation, c *pgschema.Column, cascade bool) error {
	for _, u := range r.columnReaders(rel, c.Name) {
		if !cascade {
			return fmt.Errorf("cannot drop column %q of %s: %s depends on it", c.Name, rel.Name, u.describe())
		}
		if err := r.dropUser(u); err != nil {
			return err
		}
	}
	return nil
}

// columnReaders are the policies, triggers, generated columns, views and rules that read a column.
func (r *replayer) columnReaders(rel *pgschema.Relation, name string) []user {
	var found []user
	sc := tableScope(rel)
	for _, p := range rel.Policies {
		for _, e := range []*pgschema.Expr{p.Using, p.Check} {
			if r.reads(e, sc, rel, name) {
				found = append(found, user{rel, p, e})
				break
			}
		}
	}
	for _, c := range rel.Columns {
		if c.Name != name && r.reads(c.Generated, sc, rel, name) {
			found = append(found, user{rel, c, c.Generated})
		}
	}
	for _, t := range rel.Triggers {
		if slices.Contains(t.Columns, name) || r.reads(t.When, partScope(rel, t), rel, name) {
			found = append(found, user{rel, t, t.When})
		}
	}
	for u := range r.usersOf(rel) {
		if u.expr != nil && u.rel != rel && r.reads(u.expr, partScope(u.rel, u.part), rel, name) {
			found = append(found, u)
		}
	}
	return found
}

// alterColumn applies ALTER COLUMN, also to children.
func (r *replayer) alterColumn(rel *pgschema.Relation, cmd *pgast.AlterTableCmd, recurse bool) error {
	if _, err := column(rel, cmd.Name); err != nil {
		return err
	}
	for member := range r.family(rel) {
		c := member.Column(cmd.Name)
		if c == nil || member != rel && !recurse {
			continue
		}
		if err := r.alterOwnColumn(member, c, cmd); err != nil {
			return err
		}
	}
	return nil
}

func (r *replayer) alterOwnColumn(rel *pgschema.Relation, c *pgschema.Column, cmd *pgast.AlterTableCmd) error {
	switch cmd.Subtype {
	case pgast.AlterTableType_AT_ColumnDefault:
		r.setDefault(rel, c, r.expr(cmd.Def, r.alteredDefault(c.Name)))
	case pgast.AlterTableType_AT_SetNotNull:
		r.setNotNull(c, 0)
	case pgast.AlterTableType_AT_DropNotNull:
		if key := primaryKey(rel); key != nil && slices.Contains(key.Columns, c.Name) {
			return fmt.Errorf("column %q is in a primary key", c.Name)
		}
		c.NotNull, c.NotNullOrigin = false, r.here()
	case pgast.AlterTableType_AT_AlterColumnType:
		return r.alterType(rel, c, cmd.Def.GetColumnDef())
	case pgast.AlterTableType_AT_AddIdentity:
		if rel.PartitionOf == nil {
			r.makeIdentity(rel, c, cmd.Def.GetConstraint())
		} else {
			c.Identity = r.inheritedIdentity(r.schema.Relations[*rel.PartitionOf].Column(c.Name))
		}
	case pgast.AlterTableType_AT_SetIdentity:
		for _, o := range cmd.Def.GetList().GetItems() {
			if o := o.GetDefElem(); o.GetDefname() == "generated" {
				c.Identity = byte(o.Arg.GetInteger().GetIval())
			}
		}
	case pgast.AlterTableType_AT_DropIdentity:
		if c.Identity == 0 && !cmd.MissingOk && rel.PartitionOf == nil {
			return fmt.Errorf("column %q of relation %q is not an identity column", c.Name, rel.Name)
		}
		r.dropIdentity(c)
	case pgast.AlterTableType_AT_DropExpression:
		c.Generated = nil
	}
	return nil
}

// alteredDefault is the text of the expression in ALTER COLUMN name SET DEFAULT.
func (r *replayer) alteredDefault(name string) string {
	text := r.stmt.Text()
	for {
		rest, ok := afterWords(text, "set", "default")
		if !ok {
			return ""
		}
		if before := text[:len(text)-len(rest)]; endsWithName(before, name) {
			return defaultText("default " + rest)
		}
		text = rest
	}
}

// endsWithName reports whether a text of the form "… name SET DEFAULT" is about the name.
func endsWithName(text, name string) bool {
	var last [3]pgast.Lexeme
	for l := range pgast.Lexemes(text) {
		last = [3]pgast.Lexeme{last[1], last[2], l}
	}
	written := text[last[0].Start:last[0].End]
	return last[0].Word == name || written == `"`+name+`"`
}

// alterType applies ALTER COLUMN … TYPE. Views, policies and triggers that read the column refuse.
func (r *replayer) alterType(rel *pgschema.Relation, c *pgschema.Column, def *pgast.ColumnDef) error {
	typ := r.typeOfName(def.GetTypeName())
	for _, u := range r.columnReaders(rel, c.Name) {
		if _, generated := u.part.(*pgschema.Column); !generated {
			return fmt.Errorf("cannot alter type of column %q of %s: %s depends on it", c.Name, rel.Name, u.describe())
		}
	}
	r.setType(rel, c, typ)
	if rel.PartitionOf != nil {
		r.renameRebuilt(rel, c.Name)
	}
	return nil
}
