package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// alterTable applies ALTER TABLE, VIEW, INDEX, SEQUENCE, MATERIALIZED VIEW and FOREIGN TABLE.
func (r *replayer) alterTable(n *pgast.AlterTableStmt) error {
	if n.Objtype == pgast.ObjectType_OBJECT_TYPE {
		return r.alterComposite(n)
	}
	if n.Objtype == pgast.ObjectType_OBJECT_INDEX {
		return r.alterIndex(n)
	}
	rel, err := r.relation(n.Relation)
	if err != nil {
		if _, isIndex := r.index(n.Relation.Schemaname, n.Relation.Relname); isIndex {
			return r.alterIndex(n)
		}
		if n.MissingOk {
			return nil
		}
		return err
	}
	for _, cmd := range inPasses(n.Cmds) {
		r.removed("AlterTableStmt", rel, alterDetail(cmd), dropped(rel, cmd))
		if err := r.alterCommand(rel, cmd, n.Relation.Inh); err != nil {
			r.skip(locationOf(cmd.Def), "%s", err)
		}
	}
	return nil
}

// dropped returns the column or constraint that a subcommand takes away, or nil.
func dropped(rel *pgschema.Relation, cmd *pgast.AlterTableCmd) any {
	switch cmd.GetSubtype() {
	case pgast.AlterTableType_AT_DropColumn:
		if c := rel.Column(cmd.Name); c != nil {
			return c
		}
	case pgast.AlterTableType_AT_DropConstraint:
		if c := constraint(rel, cmd.Name); c != nil {
			return c
		}
	}
	return nil
}

// inPasses brings subcommands into the order in which PostgreSQL executes them: what is dropped first,
// then types, new columns, column attributes and constraints (AT_PASS_* in tablecmds.c).
func inPasses(nodes []*pgast.Node) []*pgast.AlterTableCmd {
	cmds := make([]*pgast.AlterTableCmd, len(nodes))
	for i, n := range nodes {
		cmds[i] = n.GetAlterTableCmd()
	}
	slices.SortStableFunc(cmds, func(a, b *pgast.AlterTableCmd) int { return pass(a) - pass(b) })
	return cmds
}

func pass(cmd *pgast.AlterTableCmd) int {
	switch cmd.GetSubtype() {
	case pgast.AlterTableType_AT_DropColumn, pgast.AlterTableType_AT_DropConstraint, pgast.AlterTableType_AT_DropNotNull,
		pgast.AlterTableType_AT_DropIdentity, pgast.AlterTableType_AT_DropExpression:
		return 0
	case pgast.AlterTableType_AT_AlterColumnType:
		return 1
	case pgast.AlterTableType_AT_AddColumn:
		return 2
	case pgast.AlterTableType_AT_SetNotNull, pgast.AlterTableType_AT_SetIdentity:
		return 3
	case pgast.AlterTableType_AT_ColumnDefault:
		if cmd.Def == nil {
			return 0
		}
		return 4
	case pgast.AlterTableType_AT_AddConstraint, pgast.AlterTableType_AT_AddIdentity:
		return 4
	}
	return 5
}

// alterDetail is the subcommand in words: "disable row security", "add column".
func alterDetail(cmd *pgast.AlterTableCmd) string {
	name := strings.TrimPrefix(cmd.GetSubtype().String(), "AT_")
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

func locationOf(def *pgast.Node) int32 {
	switch n := pgast.Unwrap(def).(type) {
	case *pgast.ColumnDef:
		return n.Location
	case *pgast.Constraint:
		return n.Location
	}
	return 0
}

// alterCommand applies one subcommand; recurse is false with ONLY.
func (r *replayer) alterCommand(rel *pgschema.Relation, cmd *pgast.AlterTableCmd, recurse bool) error {
	switch cmd.Subtype {
	case pgast.AlterTableType_AT_AddColumn:
		return r.alterAddColumn(rel, cmd)
	case pgast.AlterTableType_AT_DropColumn:
		return r.alterDropColumn(rel, cmd, recurse)
	case pgast.AlterTableType_AT_ColumnDefault, pgast.AlterTableType_AT_SetNotNull, pgast.AlterTableType_AT_DropNotNull,
		pgast.AlterTableType_AT_AlterColumnType, pgast.AlterTableType_AT_AddIdentity, pgast.AlterTableType_AT_SetIdentity,
		pgast.AlterTableType_AT_DropIdentity, pgast.AlterTableType_AT_DropExpression:
		return r.alterColumn(rel, cmd, recurse)
	case pgast.AlterTableType_AT_AddConstraint:
		return r.alterAddConstraint(rel, cmd.Def.GetConstraint())
	case pgast.AlterTableType_AT_DropConstraint:
		return r.dropNamedConstraint(rel, cmd)
	case pgast.AlterTableType_AT_ValidateConstraint:
		return r.validateConstraint(rel, cmd.Name)
	case pgast.AlterTableType_AT_AlterConstraint:
		return alterConstraint(rel, cmd.Def.GetConstraint())
	case pgast.AlterTableType_AT_EnableRowSecurity:
		rel.RowSecurity, rel.RowSecurityOrigin = true, r.here()
	case pgast.AlterTableType_AT_DisableRowSecurity:
		rel.RowSecurity, rel.RowSecurityOrigin = false, r.here()
	case pgast.AlterTableType_AT_ForceRowSecurity:
		rel.ForceRowSecurity, rel.RowSecurityOrigin = true, r.here()
	case pgast.AlterTableType_AT_NoForceRowSecurity:
		rel.ForceRowSecurity, rel.RowSecurityOrigin = false, r.here()
	case pgast.AlterTableType_AT_ChangeOwner:
		r.setOwner(rel, r.roleName(cmd.Newowner))
	case pgast.AlterTableType_AT_AttachPartition:
		return r.attachPartition(rel, cmd.Def.GetPartitionCmd())
	case pgast.AlterTableType_AT_DetachPartition, pgast.AlterTableType_AT_DetachPartitionFinalize:
		return r.detachPartition(rel, cmd.Def.GetPartitionCmd())
	case pgast.AlterTableType_AT_AddInherit, pgast.AlterTableType_AT_DropInherit:
		parent, err := r.relation(cmd.Def.GetRangeVar())
		if err != nil {
			return err
		}
		if cmd.Subtype == pgast.AlterTableType_AT_AddInherit {
			return r.addParent(rel, parent)
		}
		return r.dropParent(rel, parent)
	case pgast.AlterTableType_AT_SetLogged, pgast.AlterTableType_AT_SetUnLogged:
		r.setUnlogged(rel, cmd.Subtype == pgast.AlterTableType_AT_SetUnLogged)
	case pgast.AlterTableType_AT_SetRelOptions, pgast.AlterTableType_AT_ResetRelOptions, pgast.AlterTableType_AT_ReplaceRelOptions:
		return r.alterOptions(rel, cmd)
	case pgast.AlterTableType_AT_EnableTrig, pgast.AlterTableType_AT_EnableAlwaysTrig, pgast.AlterTableType_AT_EnableReplicaTrig,
		pgast.AlterTableType_AT_EnableTrigAll, pgast.AlterTableType_AT_EnableTrigUser, pgast.AlterTableType_AT_DisableTrig,
		pgast.AlterTableType_AT_DisableTrigAll, pgast.AlterTableType_AT_DisableTrigUser:
		return r.alterTrigger(rel, cmd)
	case pgast.AlterTableType_AT_SetStatistics, pgast.AlterTableType_AT_SetOptions, pgast.AlterTableType_AT_ResetOptions,
		pgast.AlterTableType_AT_SetStorage, pgast.AlterTableType_AT_SetCompression, pgast.AlterTableType_AT_ClusterOn,
		pgast.AlterTableType_AT_DropCluster, pgast.AlterTableType_AT_SetTableSpace, pgast.AlterTableType_AT_SetAccessMethod,
		pgast.AlterTableType_AT_ReplicaIdentity, pgast.AlterTableType_AT_GenericOptions,
		pgast.AlterTableType_AT_AlterColumnGenericOptions, pgast.AlterTableType_AT_DropOids,
		pgast.AlterTableType_AT_EnableRule, pgast.AlterTableType_AT_EnableAlwaysRule,
		pgast.AlterTableType_AT_EnableReplicaRule:
		return nil
	default:
		return fmt.Errorf("not replayed: ALTER TABLE, %s", alterDetail(cmd))
	}
	return nil
}

func (r *replayer) alterAddConstraint(rel *pgschema.Relation, con *pgast.Constraint) error {
	return r.defineConstraint(rel, con, "")
}

// alterConstraint applies ALTER CONSTRAINT, which makes a foreign key deferrable or not.
func alterConstraint(rel *pgschema.Relation, n *pgast.Constraint) error {
	i := slices.IndexFunc(rel.Constraints, func(c *pgschema.Constraint) bool { return c.Name == n.GetConname() })
	if i < 0 {
		return fmt.Errorf("constraint %q of relation %q does not exist at this point", n.GetConname(), rel.Name)
	}
	rel.Constraints[i].Deferrable = n.GetDeferrable()
	return nil
}

func (r *replayer) validateConstraint(rel *pgschema.Relation, name string) error {
	con := constraint(rel, name)
	if con == nil {
		return fmt.Errorf("constraint %q of relation %q does not exist at this point", name, rel.Name)
	}
	con.NotValid = false
	return nil
}

func (r *replayer) setUnlogged(rel *pgschema.Relation, unlogged bool) {
	rel.Unlogged = unlogged
	for _, c := range rel.Columns {
		if seq := r.owned[c]; r.alive(seq) {
			seq.Unlogged = unlogged
		}
	}
}

// alterIndex applies ALTER INDEX; of its subcommands only ATTACH PARTITION changes the schema.
func (r *replayer) alterIndex(n *pgast.AlterTableStmt) error {
	ref, ok := r.index(n.Relation.Schemaname, n.Relation.Relname)
	if !ok {
		if n.MissingOk {
			return nil
		}
		return errorAt(n.Relation.Location, "index %q does not exist at this point", n.Relation.Relname)
	}
	for _, node := range n.Cmds {
		if cmd := node.GetAlterTableCmd(); cmd.GetSubtype() == pgast.AlterTableType_AT_AttachPartition {
			if err := r.attachIndexPartition(ref.idx, cmd.Def.GetPartitionCmd()); err != nil {
				return err
			}
		}
	}
	return nil
}
