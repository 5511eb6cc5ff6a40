package replay

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Bits of CreateTrigStmt.timing and .events (TRIGGER_TYPE_* in PostgreSQL's pg_trigger.h).
const (
	triggerBefore  = 1 << 1
	triggerInsert  = 1 << 2
	triggerDelete  = 1 << 3
	triggerUpdate  = 1 << 4
	triggerTrunc   = 1 << 5
	triggerInstead = 1 << 6
)

func trigger(rel *pgschema.Relation, name string) *pgschema.Trigger {
	for _, t := range rel.Triggers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// createTrigger applies CREATE [OR REPLACE] TRIGGER; a row trigger of a partitioned table exists on
// its partitions too.
func (r *replayer) createTrigger(n *pgast.CreateTrigStmt) error {
	rel, err := r.relation(n.Relation)
	if err != nil {
		return err
	}
	t := &pgschema.Trigger{
		Name: n.Trigname, ForRow: n.Row, Timing: "after", Columns: stringList(n.Columns), Origin: r.here(),
		When: r.expr(n.WhenClause, groupAfter(r.textFrom(n.Relation.Location), "when")),
	}
	switch {
	case n.Timing&triggerBefore != 0:
		t.Timing = "before"
	case n.Timing&triggerInstead != 0:
		t.Timing = "instead of"
	}
	for _, e := range []struct {
		bit  int32
		name string
	}{{triggerInsert, "insert"}, {triggerDelete, "delete"}, {triggerUpdate, "update"}, {triggerTrunc, "truncate"}} {
		if n.Events&e.bit != 0 {
			t.Events = append(t.Events, e.name)
		}
	}
	schema, name := qualified(n.Funcname)
	t.Function = pgschema.Name{Schema: schema, Name: name}
	functions := r.lookupFunctions(schema, name)
	if len(functions) > 0 {
		t.Function = functions[0].Name
	}
	if old := trigger(rel, t.Name); old != nil {
		if !n.Replace {
			return fmt.Errorf("trigger %q for relation %q exists already at this point", t.Name, rel.Name)
		}
		r.dropTrigger(rel, old)
	}
	r.addTrigger(rel, t)
	if t.ForRow && rel.Kind == pgschema.PartitionedTable {
		for _, child := range r.children[rel] {
			r.cloneTrigger(child, t)
		}
	}
	return nil
}

func (r *replayer) addTrigger(rel *pgschema.Relation, t *pgschema.Trigger) {
	rel.Triggers = append(rel.Triggers, t)
	for _, f := range r.functions[t.Function] {
		r.users[f] = append(r.users[f], user{rel: rel, part: t})
	}
	r.use(rel, t, t.When)
}

// cloneTrigger gives a partition, and its partitions, the row trigger of its parent.
func (r *replayer) cloneTrigger(part *pgschema.Relation, t *pgschema.Trigger) {
	if trigger(part, t.Name) != nil {
		return
	}
	clone := *t
	clone.Columns = slices.Clone(t.Columns)
	r.addTrigger(part, &clone)
	r.inherited[&clone] = true
	for _, child := range r.children[part] {
		r.cloneTrigger(child, &clone)
	}
}

// dropTrigger drops a trigger and its copies on partitions.
func (r *replayer) dropTrigger(rel *pgschema.Relation, t *pgschema.Trigger) {
	rel.Triggers = remove(rel.Triggers, t)
	for _, child := range r.children[rel] {
		if c := trigger(child, t.Name); c != nil && r.inherited[c] {
			r.dropTrigger(child, c)
		}
	}
}

// alterTrigger applies ENABLE and DISABLE TRIGGER.
func (r *replayer) alterTrigger(rel *pgschema.Relation, cmd *pgast.AlterTableCmd) error {
	// A trigger for replicas does not fire in an ordinary session.
	disabled := cmd.Subtype == pgast.AlterTableType_AT_DisableTrig || cmd.Subtype == pgast.AlterTableType_AT_EnableReplicaTrig ||
		cmd.Subtype == pgast.AlterTableType_AT_DisableTrigAll || cmd.Subtype == pgast.AlterTableType_AT_DisableTrigUser
	if cmd.Name != "" {
		t := trigger(rel, cmd.Name)
		if t == nil {
			return fmt.Errorf("trigger %q for table %q does not exist at this point", cmd.Name, rel.Name)
		}
		t.Disabled = disabled
		return nil
	}
	for _, t := range rel.Triggers {
		t.Disabled = disabled
	}
	return nil
}

var ruleEvents = map[pgast.CmdType]string{
	pgast.CmdType_CMD_SELECT: "select", pgast.CmdType_CMD_INSERT: "insert",
	pgast.CmdType_CMD_UPDATE: "update", pgast.CmdType_CMD_DELETE: "delete",
}

// createRule applies CREATE [OR REPLACE] RULE.
func (r *replayer) createRule(n *pgast.RuleStmt) error {
	rel, err := r.relation(n.Relation)
	if err != nil {
		return err
	}
	rule := &pgschema.Rule{
		Name: n.Rulename, Event: ruleEvents[n.Event], Instead: n.Instead, Origin: r.here(),
		Where: r.expr(n.WhereClause, ""),
	}
	for _, a := range n.Actions {
		rule.Actions = append(rule.Actions, r.expr(a, ""))
	}
	for i, old := range rel.Rules {
		if old.Name == rule.Name {
			if !n.Replace {
				return fmt.Errorf("rule %q for relation %q exists already at this point", rule.Name, rel.Name)
			}
			rel.Rules = append(rel.Rules[:i], rel.Rules[i+1:]...)
			break
		}
	}
	rel.Rules = append(rel.Rules, rule)
	r.use(rel, rule, rule.Where)
	for _, a := range rule.Actions {
		r.use(rel, rule, a)
	}
	return nil
}
