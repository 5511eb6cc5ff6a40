package mend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// part is a stretch of the migration. Parts expand before they contract: what replaces an index or
// proves a column is there before the old one goes or NULL is refused.
type part int

const (
	// expand closes the ways in, in one transaction.
	expand part = iota
	// online scans tables while they are read and written, each statement by itself.
	online
	// contract relies on what the parts before it built, in one transaction.
	contract
	// verify looks at the rows that were there before a constraint, each statement by itself.
	verify
	// discard drops what was replaced, each statement by itself.
	discard
)

// kind orders the statements of a part.
type kind int

const (
	rights    kind = iota // roles, grants, settings
	enable                // row-level security
	withdrawn             // policies that others replace
	policy                // policies come after the switch that gives them an effect
	code                  // views, functions, rules
	key
	check
	foreign  // a foreign key leaves the old unique key before that goes
	replaced // a key in the place of another
	index
)

// step is one statement with the findings that it mends.
type step struct {
	text string
	stmt *pgast.Statement
	part part
	kind kind
	why  []finding.Finding
}

// plan is the statements of a migration, each once, in order.
type plan struct{ steps []*step }

// add takes the statements of findings in, and reports whether any was new.
func (p *plan) add(findings []finding.Finding) bool {
	before := len(p.steps)
	for _, f := range findings {
		if !Mendable(f) {
			continue
		}
		list := statements(f)
		refers := slices.ContainsFunc(list, func(stmt *pgast.Statement) bool {
			_, kind := place(stmt.Node)
			return kind == foreign
		})
		for _, stmt := range list {
			p.step(stmt, f, refers)
		}
	}
	slices.SortStableFunc(p.steps, func(a, b *step) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.kind, b.kind))
	})
	return len(p.steps) > before
}

// step takes one statement in; refers says that it belongs to the exchange of a foreign key.
func (p *plan) step(stmt *pgast.Statement, f finding.Finding, refers bool) {
	text := strings.TrimSuffix(strings.TrimSpace(stmt.Text()), ";") + ";"
	i := slices.IndexFunc(p.steps, func(s *step) bool { return s.text == text })
	if i >= 0 {
		if known := p.steps[i]; !slices.ContainsFunc(known.why, func(g finding.Finding) bool { return finding.Compare(f, g) == 0 }) {
			known.why = append(known.why, f)
		}
		return
	}
	s := &step{text: text, stmt: stmt, why: []finding.Finding{f}}
	if s.part, s.kind = place(stmt.Node); refers && s.part == online && s.kind == check {
		s.part = verify
	}
	p.steps = append(p.steps, s)
}

// place says where in the migration a statement belongs.
func place(node *pgast.Node) (part, kind) {
	switch n := pgast.Unwrap(node).(type) {
	case *pgast.IndexStmt:
		if n.Concurrent {
			return online, index
		}
		return expand, index
	case *pgast.DropStmt:
		switch {
		case n.Concurrent:
			return discard, index
		case n.RemoveType == pgast.ObjectType_OBJECT_INDEX:
			return contract, index
		case n.RemoveType == pgast.ObjectType_OBJECT_POLICY:
			return expand, withdrawn
		}
		return expand, code
	case *pgast.CreatePolicyStmt, *pgast.AlterPolicyStmt:
		return expand, policy
	case *pgast.AlterTableStmt:
		return placeAlter(n)
	case *pgast.AlterFunctionStmt:
		return expand, code
	}
	return expand, rights
}

func placeAlter(n *pgast.AlterTableStmt) (part, kind) {
	if n.Objtype == pgast.ObjectType_OBJECT_VIEW {
		return expand, code
	}
	drops := false
	for _, cmd := range n.Cmds {
		c := cmd.GetAlterTableCmd()
		switch c.GetSubtype() {
		case pgast.AlterTableType_AT_ValidateConstraint:
			return online, check
		case pgast.AlterTableType_AT_SetNotNull:
			return contract, check
		case pgast.AlterTableType_AT_DropConstraint:
			drops = true
		case pgast.AlterTableType_AT_AddConstraint:
			switch constraint := c.GetDef().GetConstraint(); {
			case constraint.GetContype() == pgast.ConstrType_CONSTR_FOREIGN:
				return contract, foreign
			case constraint.GetContype() == pgast.ConstrType_CONSTR_CHECK:
				return expand, check
			case drops:
				return contract, replaced
			}
			return expand, key
		}
	}
	if drops {
		return contract, index
	}
	return expand, enable
}

// needed leaves out indexes that the beginning of another index of the plan serves as well.
func (p *plan) needed() []*step {
	return slices.DeleteFunc(slices.Clone(p.steps), func(s *step) bool {
		n := s.stmt.Node.GetIndexStmt()
		if n == nil || n.Unique {
			return false
		}
		table, columns := built(s.stmt.Node)
		return slices.ContainsFunc(p.steps, func(other *step) bool {
			otherTable, otherColumns := built(other.stmt.Node)
			return otherTable == table && len(otherColumns) > len(columns) && slices.Equal(otherColumns[:len(columns)], columns)
		})
	})
}

// built returns the table and columns of the index that a statement builds, for itself or for a key.
func built(node *pgast.Node) (table string, columns []string) {
	if n := node.GetIndexStmt(); n != nil {
		for _, param := range n.IndexParams {
			columns = append(columns, param.GetIndexElem().GetName())
		}
		return name(n.Relation), columns
	}
	n := node.GetAlterTableStmt()
	for _, cmd := range n.GetCmds() {
		c := cmd.GetAlterTableCmd().GetDef().GetConstraint()
		if c.GetContype() != pgast.ConstrType_CONSTR_UNIQUE && c.GetContype() != pgast.ConstrType_CONSTR_PRIMARY {
			continue
		}
		for _, column := range c.Keys {
			columns = append(columns, column.GetString_().GetSval())
		}
	}
	return name(n.GetRelation()), columns
}

func name(r *pgast.RangeVar) string { return r.GetSchemaname() + "." + r.GetRelname() }
