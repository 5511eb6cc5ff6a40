package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// The bits of TableLikeClause.options (CREATE_TABLE_LIKE_* in PostgreSQL's parsenodes.h).
const (
	likeConstraints = 1 << 2
	likeDefaults    = 1 << 3
	likeGenerated   = 1 << 4
	likeIdentity    = 1 << 5
	likeIndexes     = 1 << 6
)

// likeSources looks up the relations that the LIKE clauses of a table name, before the table itself exists.
func (r *replayer) likeSources(n *pgast.CreateStmt) map[*pgast.TableLikeClause]*pgschema.Relation {
	var sources map[*pgast.TableLikeClause]*pgschema.Relation
	for _, e := range n.TableElts {
		like := e.GetTableLikeClause()
		if like == nil {
			continue
		}
		source, err := r.relation(like.Relation)
		if err != nil {
			r.skip(like.Relation.Location, "%s", err)
			continue
		}
		if sources == nil {
			sources = map[*pgast.TableLikeClause]*pgschema.Relation{}
		}
		sources[like] = source
	}
	return sources
}

// likeColumns copies the columns of LIKE.
func (r *replayer) likeColumns(rel *pgschema.Relation, like *pgast.TableLikeClause, source *pgschema.Relation) {
	for _, sc := range source.Columns {
		c := &pgschema.Column{Name: sc.Name, NotNull: sc.NotNull, Origin: r.at(like.Relation.Location)}
		if c.NotNull {
			c.NotNullOrigin = c.Origin
		}
		r.setType(rel, c, columnType{text: sc.Type, user: r.typeOf[sc]})
		rel.Columns = append(rel.Columns, c)
		if like.Options&likeDefaults != 0 && sc.Default != nil {
			r.setDefault(rel, c, sc.Default)
		}
		if like.Options&likeGenerated != 0 && sc.Generated != nil {
			c.Generated = sc.Generated
			r.use(rel, c, c.Generated)
		}
		if like.Options&likeIdentity != 0 && sc.Identity != 0 {
			c.Identity = sc.Identity
			r.ownSequence(rel, c)
		}
	}
}

// copyLike copies the check constraints, keys and indexes of LIKE. Foreign keys, policies,
// triggers, grants and row security are never copied.
func (r *replayer) copyLike(rel *pgschema.Relation, like *pgast.TableLikeClause, source *pgschema.Relation) {
	if like.Options&likeConstraints != 0 {
		for _, con := range slices.Clone(source.Constraints) {
			if con.Kind == pgschema.Check {
				clone := *con
				clone.Origin, clone.NotValid = r.at(like.Relation.Location), false
				r.addConstraint(rel, &clone)
				r.use(rel, &clone, clone.Check)
			}
		}
	}
	if like.Options&likeIndexes != 0 {
		for _, idx := range slices.Clone(source.Indexes) {
			clone := r.cloneIndex(rel, source, idx)
			clone.Origin = r.at(like.Relation.Location)
		}
	}
}
