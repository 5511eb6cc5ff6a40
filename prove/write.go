package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// replica switches the checks of foreign keys off, so that they do not hide what row-level security lets
// through.
const replica = "SET LOCAL session_replication_role = replica"

// keepActing lets the triggers and rules that somebody made act all the same.
const keepActing = `DO $$ DECLARE command text; BEGIN
	FOR command IN SELECT format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tgrelid::regclass, t.tgname) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
			WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND c.relkind IN ('r', 'p', 'f')
		UNION ALL SELECT format('ALTER TABLE %s ENABLE ALWAYS RULE %I', w.ev_class::regclass, w.rulename) FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
			WHERE w.ev_enabled = 'O' AND c.relkind IN ('r', 'p') LOOP
		EXECUTE command;
	END LOOP;
END $$`

// try runs statements that should not cross, in all states that write, and enters what came of it.
// Control is a statement on the tenant's own rows that succeeds if the command is of any use.
func (p *prover) try(ctx context.Context, t *table, command Command, statements []string, control string) error {
	object, kind := t.rel.Name.String(), t.kind()
	var inconclusive *result
	own, conclusive, denied := false, false, true
	for _, s := range p.states {
		if s.readsOnly {
			continue
		}
		for _, statement := range statements {
			o, err := p.unhindered(ctx, t, s, statement)
			if err != nil {
				return err
			}
			if o.err == nil {
				if h := p.harm(o, s.owner); h.what != "" {
					p.cell(object, kind, command, Refuted, h.what+" in a session "+s.name, o.script...).Reaches = h.relation
					return nil
				}
			}
			if s.owner != tenantA {
				continue
			}
			denied = denied && o.denied()
			if o.err == nil || o.guarded() {
				conclusive = true
			} else {
				inconclusive = &o.result
			}
		}
	}
	if control != "" {
		o, err := p.unhindered(ctx, t, p.states[0], control)
		if err != nil {
			return err
		}
		own = o.err == nil && o.affected > 0
		if !own && o.err != nil && !o.guarded() {
			inconclusive = &o.result
		}
	}
	switch {
	case len(statements) == 0:
		p.cell(object, kind, command, NotTried, p.whyVacuous(t, "no statement for it"))
	case denied:
		p.cell(object, kind, command, Proved, "the role may not")
	case own && conclusive:
		p.cell(object, kind, command, Proved, "")
	case inconclusive != nil:
		p.cell(object, kind, command, NotTried, "the attempt failed for another reason: "+inconclusive.err.Message)
	default:
		p.cell(object, kind, command, Vacuous, p.whyVacuous(t, "tenant A cannot do it to its own rows either"))
	}
	return nil
}

// unhindered makes an attempt, and makes it again where a key of the rows that happen to be there was in
// its way: without the checks of foreign keys, or without the rows of one tenant in the table.
func (p *prover) unhindered(ctx context.Context, t *table, s *state, statement string) (outcome, error) {
	o, err := p.attempt(ctx, s, statement)
	if err != nil || o.err == nil {
		return o, err
	}
	switch o.err.Code {
	case "23503", "23001":
		if t.rel.Kind == pgschema.View && t.acts() {
			return o, nil // nothing would stand in for writing to it
		}
		return p.attempt(ctx, s, statement, replica, keepActing)
	case "23505":
		for _, owner := range []int{tenantB, tenantA} {
			if o, err = p.attempt(ctx, s, statement, p.clear(t, owner)...); err != nil || o.err == nil || o.err.Code != "23505" {
				break
			}
		}
	}
	return o, err
}

// clear returns the statements by which the superuser removes the rows of a tenant from a table.
func (p *prover) clear(t *table, owner int) []string {
	statements := []string{replica}
	if source := p.source(t); source != nil {
		if condition := p.belongs(source, "t", owner, 0); condition != "" {
			statements = append(statements, fmt.Sprintf("DELETE FROM %s t WHERE %s", source.sql(), condition))
		}
	}
	return append(statements, "SET LOCAL session_replication_role = origin")
}

// source is the table whose rows a relation shows: itself, or for a view the tenant table with most of
// its columns.
func (p *prover) source(t *table) *table {
	if t.owned {
		return t
	}
	var best *table
	most := 0
	for _, other := range p.tables {
		if !other.owned || !other.stores() {
			continue
		}
		n := 0
		for _, c := range t.columns {
			if other.column(c.name) != nil {
				n++
			}
		}
		if n > most {
			best, most = other, n
		}
	}
	return best
}

// stored is the table that holds a relation's rows: for a partitioned table, one of its partitions.
func (p *prover) stored(t *table) *table {
	if t.rel.Kind != pgschema.PartitionedTable {
		return t
	}
	for _, part := range p.partitions(t) {
		if part.stores() && len(part.rows[tenantA]) > 0 && len(part.rows[tenantB]) > 0 {
			return part
		}
	}
	return nil
}

// newRow makes a row that the table would accept, cut to the columns that the role may fill in.
func (p *prover) newRow(ctx context.Context, t *table, owner, variant int) (values, error) {
	source := p.source(t)
	if source == nil {
		return nil, nil
	}
	if source = p.stored(source); source == nil {
		return nil, nil
	}
	made, err := p.insert(ctx, source, owner, variant, false)
	if err == nil && made == nil && len(source.rows[owner]) > 0 {
		// There is room for one row of a tenant, and it is taken.
		made, err = p.insert(ctx, source, owner, variant, false, p.clear(source, owner)...)
	}
	if err != nil || made == nil {
		return nil, err
	}
	given := slices.ContainsFunc(t.columns, func(c *column) bool { return c.canInsert })
	cut := values{}
	for _, c := range t.columns {
		value, there := made[c.name]
		if there && !c.always && !c.computed && (c.canInsert || !given) {
			cut[c.name] = value
		}
	}
	return cut, nil
}

// insertVariants is how many different rows of another tenant are tried to be inserted.
const insertVariants = 3

func (p *prover) tryInsert(ctx context.Context, t *table) error {
	if t.owned && t.class.Class == classify.Registry {
		return nil // a new tenant is no other tenant's
	}
	own, err := p.newRow(ctx, t, tenantA, 0)
	if err != nil {
		return err
	}
	var statements []string
	for variant := range insertVariants {
		foreign, err := p.newRow(ctx, t, tenantB, variant)
		if err != nil {
			return err
		}
		if foreign == nil || own == nil {
			break
		}
		statement := insertStatement(t.sql(), foreign, t)
		statements = append(statements, statement)
		if variant == 0 {
			statements = append(statements, statement+" ON CONFLICT DO NOTHING", statement+" RETURNING *")
		}
	}
	if len(statements) == 0 {
		return p.try(ctx, t, Insert, nil, "")
	}
	return p.try(ctx, t, Insert, statements, insertStatement(t.sql(), own, t))
}

func (p *prover) tryUpdate(ctx context.Context, t *table) error {
	var statements []string
	if set := p.harmless(t); set != "" {
		update := fmt.Sprintf("UPDATE %s SET %s", t.sql(), set)
		statements = append(statements, update, update+" RETURNING *")
		if where := p.where(t, tenantB); where != "" {
			statements = append(statements, update+where)
		}
	}
	// Taking B's rows passes a check that leaving them as B's does not.
	if set := p.handOver(t, tenantA); set != "" {
		statements = append(statements, fmt.Sprintf("UPDATE %s SET %s", t.sql(), set))
		if where := p.where(t, tenantB); where != "" {
			statements = append(statements, fmt.Sprintf("UPDATE %s SET %s%s", t.sql(), set, where))
		}
	}
	control := ""
	if set := p.harmless(t); set != "" {
		control = fmt.Sprintf("UPDATE %s SET %s%s", t.sql(), set, p.where(t, tenantA))
	}
	return p.try(ctx, t, Update, statements, control)
}

func (p *prover) tryMove(ctx context.Context, t *table) error {
	set := p.handOver(t, tenantB)
	if set == "" {
		if t.owned && t.class.Class != classify.Registry {
			return p.try(ctx, t, Move, nil, "")
		}
		return nil
	}
	move := fmt.Sprintf("UPDATE %s SET %s", t.sql(), set)
	statements := []string{move, move + " RETURNING *"}
	if where := p.where(t, tenantA); where != "" {
		statements = append(statements, move+where)
	}
	control := fmt.Sprintf("UPDATE %s SET %s%s", t.sql(), p.handOver(t, tenantA), p.where(t, tenantA))
	return p.try(ctx, t, Move, statements, control)
}

func (p *prover) tryDelete(ctx context.Context, t *table) error {
	statement := "DELETE FROM " + t.sql()
	statements := []string{statement, statement + " RETURNING *"}
	if where := p.where(t, tenantB); where != "" {
		statements = append(statements, statement+where)
	}
	return p.try(ctx, t, Delete, statements, statement+p.where(t, tenantA))
}

func (p *prover) tryTruncate(ctx context.Context, t *table) error {
	if t.rel.Kind == pgschema.View {
		return nil
	}
	return p.try(ctx, t, Truncate, []string{"TRUNCATE " + t.sql(), "TRUNCATE " + t.sql() + " CASCADE"}, "")
}

// harmless is an assignment that reads no column and that no constraint refuses: a value of tenant A's
// for a column in no key.
func (p *prover) harmless(t *table) string {
	source := p.source(t)
	if source == nil {
		return ""
	}
	if source = p.stored(source); source == nil || len(source.rows[tenantA]) == 0 {
		return ""
	}
	keys := map[string]bool{}
	for _, k := range source.rel.Constraints {
		for _, name := range k.Columns {
			keys[name] = keys[name] || k.Kind != pgschema.Check
		}
	}
	for _, i := range source.rel.Indexes {
		for _, name := range i.Columns {
			keys[name] = keys[name] || i.Unique
		}
	}
	given := slices.ContainsFunc(t.columns, func(c *column) bool { return c.canUpdate })
	for _, c := range t.columns {
		value, there := source.rows[tenantA][0][c.name]
		if there && !c.computed && !c.always && !keys[c.name] && !source.tenantColumn(c.name) && (c.canUpdate || !given) {
			return quoteName(c.name) + " = " + constant(value)
		}
	}
	for _, c := range t.columns { // all are in keys: the column keeps its value, which reads it
		if source.column(c.name) != nil && !c.computed && !c.always && c.canUpdate {
			return quoteName(c.name) + " = " + quoteName(c.name)
		}
	}
	return ""
}

// handOver is the assignment that gives a row to a tenant: its id, or the key of a parent of its own.
func (p *prover) handOver(t *table, owner int) string {
	source := p.source(t)
	if source == nil || source.class == nil {
		return ""
	}
	switch source.class.Class {
	case classify.Tenant:
		var set []string
		for _, name := range source.class.Columns {
			if c := t.column(name); c != nil {
				set = append(set, quoteName(name)+" = "+literal(p.tenants[owner].id(c.base)))
			}
		}
		return strings.Join(set, ", ")
	case classify.Child:
		if source.class.Via == nil {
			return ""
		}
		parent := p.byName[source.class.Via.RefTable]
		if parent = p.storedOrNil(parent); parent == nil || len(parent.rows[owner]) == 0 {
			return ""
		}
		var set []string
		for i, name := range source.class.Via.Columns {
			if t.column(name) == nil {
				return ""
			}
			set = append(set, quoteName(name)+" = "+constant(parent.rows[owner][0][source.class.Via.RefColumns[i]]))
		}
		return strings.Join(set, ", ")
	}
	return ""
}

func (p *prover) storedOrNil(t *table) *table {
	if t == nil {
		return nil
	}
	return p.stored(t)
}

// where picks a tenant's rows by the columns that tell; empty when the role may not read them.
func (p *prover) where(t *table, owner int) string {
	source := p.source(t)
	if source == nil || source.class == nil {
		return ""
	}
	for _, name := range source.class.Columns {
		if c := t.column(name); c != nil && c.canSelect {
			return fmt.Sprintf(" WHERE %s = %s", quoteName(name), literal(p.tenants[owner].id(c.base)))
		}
	}
	if own := p.storedOrNil(source); own != nil && len(own.rows[owner]) > 0 {
		for _, k := range own.rel.Constraints {
			if k.Kind == pgschema.PrimaryKey && len(k.Columns) == 1 && t.column(k.Columns[0]) != nil && t.column(k.Columns[0]).canSelect {
				return fmt.Sprintf(" WHERE %s = %s", quoteName(k.Columns[0]), constant(own.rows[owner][0][k.Columns[0]]))
			}
		}
	}
	return ""
}
