package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// createIndex applies CREATE INDEX, on a partitioned table also to its partitions.
func (r *replayer) createIndex(n *pgast.IndexStmt) error {
	rel, err := r.relation(n.Relation)
	if err != nil {
		return err
	}
	idx := &pgschema.Index{
		Name: n.Idxname, Method: n.AccessMethod, Unique: n.Unique, Concurrently: n.Concurrent, Origin: r.here(),
		NullsNotDistinct: n.NullsNotDistinct, Options: pgschema.IndexOptions(n.IndexParams),
	}
	if idx.Method == "" {
		idx.Method = "btree"
	}
	if idx.Name != "" && r.relationTaken(pgschema.Name{Schema: rel.Schema, Name: idx.Name}) {
		if n.IfNotExists {
			return nil
		}
		return fmt.Errorf("relation %q exists already at this point", idx.Name)
	}
	text := r.textFrom(n.Relation.Location)
	if err := r.indexElements(rel, idx, n.IndexParams, group(text)); err != nil {
		return err
	}
	for _, e := range n.IndexIncludingParams {
		name := e.GetIndexElem().GetName()
		if err := requireColumn(rel, name, 0); err != nil {
			return err
		}
		idx.Include = append(idx.Include, name)
	}
	idx.Where = r.expr(n.WhereClause, toEnd(text, "where"))
	if idx.Name == "" {
		names := indexColumnNames(slices.Concat(n.IndexParams, n.IndexIncludingParams))
		idx.Name = r.relationName(rel.Schema, rel.Name.Name, joinColumns(names), "idx")
	}
	r.addIndex(rel, idx)
	r.useIndex(rel, idx)
	r.event("IndexStmt", rel.Name, idx.Name)
	if n.Relation.Inh {
		r.indexPartitions(rel, idx)
	}
	return nil
}

// indexElements reads the key columns of an index; list is their source text.
func (r *replayer) indexElements(rel *pgschema.Relation, idx *pgschema.Index, elements []*pgast.Node, list string) error {
	var texts []string
	for i, node := range elements {
		e := node.GetIndexElem()
		name := e.GetName()
		if ref := stringList(e.GetExpr().GetColumnRef().GetFields()); len(ref) > 0 {
			name = ref[len(ref)-1] // a column in parentheses is no expression
		}
		if name != "" {
			if err := requireColumn(rel, name, 0); err != nil {
				return err
			}
			idx.Columns = append(idx.Columns, name)
			continue
		}
		if texts == nil {
			texts = items(list)
		}
		text := ""
		if i < len(texts) {
			text = elementText(texts[i])
		}
		if idx.Exprs == nil {
			idx.Exprs = map[int]*pgschema.Expr{}
		}
		idx.Exprs[len(idx.Columns)] = r.expr(e.Expr, text)
		idx.Columns = append(idx.Columns, "")
	}
	return nil
}

func (r *replayer) useIndex(rel *pgschema.Relation, idx *pgschema.Index) {
	for _, e := range idx.Exprs {
		r.use(rel, idx, e)
	}
	r.use(rel, idx, idx.Where)
}

// dropIndex drops an index with its constraint and, on a partitioned table, those of the partitions.
// Foreign keys that rest on it go with CASCADE only.
func (r *replayer) dropIndex(rel *pgschema.Relation, idx *pgschema.Index, cascade bool) error {
	if idx == nil {
		return nil
	}
	if idx.Unique {
		for _, u := range slices.Collect(r.usersOf(rel)) {
			con, ok := u.part.(*pgschema.Constraint)
			if !ok || r.keyOf[con] != idx {
				continue
			}
			if !cascade {
				return fmt.Errorf("cannot drop index %q: foreign key %q of %s depends on it", idx.Name, con.Name, u.rel.Name)
			}
			if err := r.dropConstraint(u.rel, con, true); err != nil {
				return err
			}
		}
	}
	r.removeIndex(rel, idx)
	if idx.Constraint != "" {
		if con := constraint(rel, idx.Constraint); con != nil {
			r.removeConstraint(rel, con)
		}
	}
	for _, child := range r.attached[idx] {
		if r.alive(child.rel) && slices.Contains(child.rel.Indexes, child.idx) {
			if err := r.dropIndex(child.rel, child.idx, cascade); err != nil {
				return err
			}
		}
	}
	delete(r.attached, idx)
	return nil
}

func (r *replayer) removeIndex(rel *pgschema.Relation, idx *pgschema.Index) {
	rel.Indexes = remove(rel.Indexes, idx)
	delete(r.indexes, pgschema.Name{Schema: rel.Schema, Name: idx.Name})
	clear(r.nextDigit)
}

// renameIndex renames an index alone, without its constraint.
func (r *replayer) renameIndex(rel *pgschema.Relation, idx *pgschema.Index, to string) {
	delete(r.indexes, pgschema.Name{Schema: rel.Schema, Name: idx.Name})
	clear(r.nextDigit)
	idx.Name = to
	r.indexes[pgschema.Name{Schema: rel.Schema, Name: to}] = indexRef{rel, idx}
}

// reindex records REINDEX of a table or index.
func (r *replayer) reindex(n *pgast.ReindexStmt) {
	schema, name := n.Relation.GetSchemaname(), n.Relation.GetRelname()
	if ref, ok := r.index(schema, name); ok {
		r.event("ReindexStmt", ref.rel.Name, name)
	} else if rel := r.find(schema, name); rel != nil {
		r.event("ReindexStmt", rel.Name, "")
	}
}
