package catalog

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// relation is a relation whose parts arrive in no order.
type relation struct {
	*pgschema.Relation
	owner       uint32
	attributes  []*pgschema.Column // by number; nil for a dropped one
	constraints []numbered[constraint]
	indexes     []numbered[*pgschema.Index]
	policies    []numbered[*pgschema.Policy]
	// shape numbers what an expression about the relation can name; 0 until somebody asks.
	shape int
}

func (r *reader) queueRelations() {
	r.ask(`SELECT c.oid, n.oid, c.relname, c.relkind, c.relowner, c.relpersistence = 'u', c.relrowsecurity, c.relforcerowsecurity,
			CASE WHEN c.relkind = 'v' THEN c.reloptions END, `+
		r.printed("c.oid", "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END")+`,
			pg_get_expr(c.relpartbound, 0), c.relpages, c.reltuples, c.relispartition OR c.relhassubclass, c.relhastriggers, c.relhasrules, c.relacl
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid >= `+firstUser+` AND USER_SCHEMAS AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`, func(w *row) {
		id, namespace, name, kind, owner := w.oid(), r.namespaces[w.oid()], w.text(), pgschema.Kind(w.letter()), w.oid()
		if namespace == nil {
			return
		}
		rel := &relation{owner: owner, Relation: &pgschema.Relation{
			Name: pgschema.Name{Schema: namespace.Name, Name: name}, Kind: kind, Owner: r.role(owner),
			Unlogged: w.flag(), RowSecurity: w.flag(), ForceRowSecurity: w.flag(),
			Extension: r.extensions[member{id, "pg_class"}],
		}}
		setOptions(rel.Relation, w.list())
		if query := w.text(); query != "" {
			rel.Query = r.query(query, subject{name: rel.Name.String()})
		}
		rel.PartitionBound, rel.Pages, rel.Rows = w.text(), w.int(), w.float()
		r.found.partitioned = r.found.partitioned || kind == pgschema.PartitionedTable
		r.found.children = w.flag() || r.found.children
		r.found.triggers = w.flag() || r.found.triggers
		r.found.rules = w.flag() || r.found.rules
		r.relations[id], r.schema.Relations[rel.Name] = rel, rel.Relation
		if list := w.text(); list != "" { // the default for relations grants nothing to anybody
			on := byte(onTable)
			if kind == pgschema.Sequence {
				on = onSequence
			}
			r.holds(acl{on, owner, list}, part{of: id}, holder{grants: &rel.Grants, revoked: &rel.OwnerRevoked})
		}
	})
}

// assemble puts the parts of the relations in order.
func (r *reader) assemble() {
	for _, rel := range r.relations {
		for _, c := range rel.attributes {
			if c != nil {
				rel.Columns = append(rel.Columns, c)
			}
		}
		for _, c := range inOrder(rel.constraints) {
			if of, known := r.constraints[c.parent]; !known || of != c.relation {
				rel.Constraints = append(rel.Constraints, c.Constraint)
			}
		}
		rel.Indexes, rel.Policies = inOrder(rel.indexes), inOrder(rel.policies)
	}
	for oid, t := range r.composites {
		if rel := r.relations[oid]; rel != nil {
			t.Attributes = rel.Columns
			delete(r.relations, oid)
		}
	}
}

var strategies = map[byte]string{'l': "list", 'r': "range", 'h': "hash"}

func (r *reader) queuePartitionKeys() {
	if !r.found.partitioned {
		return
	}
	r.ask(`SELECT p.partrelid, p.partstrat, p.partattrs FROM pg_partitioned_table p`, func(w *row) {
		oid := w.oid()
		if rel := r.relations[oid]; rel != nil {
			rel.PartitionStrategy, rel.PartitionKey = strategies[w.letter()], r.names(oid, w.columns())
		}
	})
}

func (r *reader) queueParents() {
	if !r.found.children {
		return
	}
	r.ask(`SELECT i.inhrelid, i.inhparent, c.relispartition FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE c.relkind IN ('r', 'p', 'f') ORDER BY i.inhrelid, i.inhseqno`, func(w *row) {
		switch c, p := r.relations[w.oid()], r.relations[w.oid()]; {
		case c == nil || p == nil:
		case w.flag():
			name := p.Name
			c.PartitionOf = &name
		default:
			c.Inherits = append(c.Inherits, p.Name)
		}
	})
}

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

// names returns the names of columns by their numbers; "" stands for an expression.
func (r *reader) names(oid uint32, numbers []int) []string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		if rel := r.relations[oid]; rel != nil && n > 0 && n < len(rel.attributes) && rel.attributes[n] != nil {
			names[i] = rel.attributes[n].Name
		}
	}
	return names
}

// shapeOf numbers the shape of a relation, its name and its columns by their numbers.
func (r *reader) shapeOf(rel *relation) int {
	if rel.shape == 0 {
		var b strings.Builder
		b.WriteString(rel.Name.Name)
		for _, c := range rel.attributes {
			b.WriteByte(0)
			if c != nil {
				b.WriteString(c.Name)
			}
		}
		if r.shapes[b.String()] == 0 {
			r.shapes[b.String()] = len(r.shapes) + 1
		}
		rel.shape = r.shapes[b.String()]
	}
	return rel.shape
}
