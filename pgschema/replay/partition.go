package replay

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var partitionStrategies = map[pgast.PartitionStrategy]string{
	pgast.PartitionStrategy_PARTITION_STRATEGY_LIST:  "list",
	pgast.PartitionStrategy_PARTITION_STRATEGY_RANGE: "range",
	pgast.PartitionStrategy_PARTITION_STRATEGY_HASH:  "hash",
}

// boundText is the bound of a partition as written.
func (r *replayer) boundText(bound *pgast.PartitionBoundSpec) string {
	if bound.GetIsDefault() {
		return "DEFAULT"
	}
	rest, _ := afterWords(r.stmt.Text(), "for", "values")
	bare := until(rest, func(l pgast.Lexeme) bool { return boundStops[l.Word] })
	return "FOR VALUES " + bare
}

// boundStops are the words that may follow the bound in CREATE TABLE … PARTITION OF.
var boundStops = wordSet("partition using tablespace")

// clonePartitionParts gives a partition the indexes, keys, foreign keys and row triggers of its
// parent (PostgreSQL manual, CREATE TABLE, PARTITION OF). Policies and row security are its own.
func (r *replayer) clonePartitionParts(part, parent *pgschema.Relation) {
	for _, idx := range parent.Indexes {
		r.ensureIndex(part, parent, idx)
	}
	for _, con := range parent.Constraints {
		if con.Kind == pgschema.ForeignKey {
			r.cloneForeignKey(part, con)
		}
	}
	for _, t := range parent.Triggers {
		if t.ForRow {
			r.cloneTrigger(part, t)
		}
	}
}

// indexPartitions gives the partitions of a table the index that the table just got.
func (r *replayer) indexPartitions(rel *pgschema.Relation, idx *pgschema.Index) {
	for _, child := range r.children[rel] {
		if child.PartitionOf != nil && child.Kind != pgschema.ForeignTable {
			r.ensureIndex(child, rel, idx)
		}
	}
}

// ensureIndex attaches an equal index of the partition or makes one.
func (r *replayer) ensureIndex(part, parent *pgschema.Relation, idx *pgschema.Index) {
	for _, own := range part.Indexes {
		if !r.inherited[own] && sameIndex(own, idx) {
			r.attachIndex(idx, indexRef{part, own})
			return
		}
	}
	clone := r.cloneIndex(part, parent, idx)
	r.attachIndex(idx, indexRef{part, clone})
	r.indexPartitions(part, clone)
}

func (r *replayer) attachIndex(parent *pgschema.Index, child indexRef) {
	r.inherited[child.idx] = true
	if con := constraint(child.rel, child.idx.Constraint); con != nil {
		r.inherited[con] = true
	}
	r.attached[parent] = append(r.attached[parent], child)
}

// sameIndex reports whether an index of a partition can serve as the part of its parent's index.
func sameIndex(a, b *pgschema.Index) bool {
	return a.Method == b.Method && a.Unique == b.Unique && a.Primary == b.Primary &&
		(a.Constraint != "") == (b.Constraint != "") && slices.Equal(a.Columns, b.Columns) &&
		slices.Equal(a.Include, b.Include) && sameText(a.Where, b.Where) &&
		maps.EqualFunc(a.Exprs, b.Exprs, sameText)
}

func sameText(a, b *pgschema.Expr) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Text == b.Text
}

// cloneIndex copies an index, with the constraint it belongs to, to another table under a
// generated name.
func (r *replayer) cloneIndex(rel, source *pgschema.Relation, idx *pgschema.Index) *pgschema.Index {
	clone := *idx
	clone.Columns, clone.Include, clone.Exprs = slices.Clone(idx.Columns), slices.Clone(idx.Include), maps.Clone(idx.Exprs)
	var kind pgschema.ConstraintKind
	if con := constraint(source, idx.Constraint); con != nil {
		kind = con.Kind
	}
	clone.Name = r.indexName(rel, idx, kind)
	if kind != 0 {
		clone.Constraint = clone.Name
		con := *constraint(source, idx.Constraint)
		con.Name, con.Columns = clone.Name, slices.Clone(con.Columns)
		r.addConstraint(rel, &con)
	}
	r.addIndex(rel, &clone)
	r.useIndex(rel, &clone)
	return &clone
}

// indexName chooses a name for an index like another one; kind is that of its constraint or 0.
func (r *replayer) indexName(rel *pgschema.Relation, idx *pgschema.Index, kind pgschema.ConstraintKind) string {
	names := joinColumns(slices.Concat(r.exprColumnNames(idx), idx.Include))
	switch kind {
	case 0:
		return r.relationName(rel.Schema, rel.Name.Name, names, "idx")
	case pgschema.PrimaryKey:
		return r.keyName(rel.Schema, rel.Name.Name, "", "pkey")
	case pgschema.Exclusion:
		return r.keyName(rel.Schema, rel.Name.Name, names, "excl")
	}
	return r.keyName(rel.Schema, rel.Name.Name, names, "key")
}

// renameRebuilt names the indexes of a partition anew that a column's new type rebuilds: PostgreSQL
// makes them again from those of the parent.
func (r *replayer) renameRebuilt(part *pgschema.Relation, column string) {
	for _, idx := range part.Indexes {
		if !r.inherited[idx] || !r.indexReads(part, idx, column) {
			continue
		}
		con := constraint(part, idx.Constraint)
		delete(r.indexes, pgschema.Name{Schema: part.Schema, Name: idx.Name})
		clear(r.nextDigit)
		var kind pgschema.ConstraintKind
		if con != nil {
			r.releaseConstraintName(part, con)
			kind = con.Kind
		}
		idx.Name = r.indexName(part, idx, kind)
		r.indexes[pgschema.Name{Schema: part.Schema, Name: idx.Name}] = indexRef{part, idx}
		if con != nil {
			con.Name, idx.Constraint = idx.Name, idx.Name
			r.constraints[pgschema.Name{Schema: part.Schema, Name: con.Name}]++
		}
	}
}

// exprColumnNames are the names of an index's key columns as indexColumnNames finds them.
func (r *replayer) exprColumnNames(idx *pgschema.Index) []string {
	var elements []*pgast.Node
	for i, name := range idx.Columns {
		e := &pgast.IndexElem{Name: name}
		if x := idx.Exprs[i]; x != nil {
			e.Expr = x.Node
		}
		elements = append(elements, &pgast.Node{Node: &pgast.Node_IndexElem{IndexElem: e}})
	}
	return indexColumnNames(elements)
}

// cloneForeignKey gives a partition, and its partitions, the foreign key of its parent.
func (r *replayer) cloneForeignKey(part *pgschema.Relation, con *pgschema.Constraint) {
	for _, own := range part.Constraints {
		if own.Kind == pgschema.ForeignKey && own.RefTable == con.RefTable &&
			slices.Equal(own.Columns, con.Columns) && slices.Equal(own.RefColumns, con.RefColumns) {
			r.inherited[own] = true
			return
		}
	}
	clone := *con
	if constraint(part, con.Name) != nil {
		clone.Name = r.constraintName(part.Schema, part.Name.Name, joinColumns(con.Columns), "fkey")
	}
	r.keyOf[&clone] = r.keyOf[con]
	r.addForeignKey(part, &clone)
	r.inherited[&clone] = true
	for _, child := range r.children[part] {
		r.cloneForeignKey(child, &clone)
	}
}

// attachPartition applies ALTER TABLE … ATTACH PARTITION.
func (r *replayer) attachPartition(parent *pgschema.Relation, n *pgast.PartitionCmd) error {
	part, err := r.relation(n.Name)
	if err != nil {
		return err
	}
	if part.PartitionOf != nil || len(part.Inherits) > 0 {
		return errorAt(n.Name.Location, "%s is a child of another table already", part.Name)
	}
	if err := matchColumns(part, parent); err != nil {
		return err
	}
	r.adopt(part, parent, true)
	part.PartitionBound = r.boundText(n.Bound)
	for _, c := range part.Columns {
		r.inherited[c] = true
	}
	for _, con := range part.Constraints {
		if p := constraint(parent, con.Name); p != nil && con.Kind == pgschema.Check {
			r.inherited[con] = true
		}
	}
	r.clonePartitionParts(part, parent)
	return nil
}

// detachPartition applies ALTER TABLE … DETACH PARTITION: the partition keeps what it has.
func (r *replayer) detachPartition(parent *pgschema.Relation, n *pgast.PartitionCmd) error {
	part, err := r.relation(n.Name)
	if err != nil {
		return err
	}
	if part.PartitionOf == nil || *part.PartitionOf != parent.Name {
		return errorAt(n.Name.Location, "%s is not a partition of %s at this point", part.Name, parent.Name)
	}
	part.PartitionOf, part.PartitionBound = nil, ""
	r.orphan(part, parent)
	for _, c := range part.Columns {
		c.Identity = 0
	}
	for _, idx := range part.Indexes {
		delete(r.inherited, idx)
	}
	for _, idx := range parent.Indexes {
		r.attached[idx] = slices.DeleteFunc(r.attached[idx], func(c indexRef) bool { return c.rel == part })
	}
	part.Triggers = slices.DeleteFunc(part.Triggers, func(t *pgschema.Trigger) bool { return r.inherited[t] })
	return nil
}

// attachIndexPartition applies ALTER INDEX … ATTACH PARTITION.
func (r *replayer) attachIndexPartition(parent *pgschema.Index, n *pgast.PartitionCmd) error {
	child, ok := r.index(n.Name.Schemaname, n.Name.Relname)
	if !ok {
		return fmt.Errorf("index %q does not exist at this point", n.Name.Relname)
	}
	if !r.inherited[child.idx] {
		r.attachIndex(parent, child)
	}
	return nil
}
