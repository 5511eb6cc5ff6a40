package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// asking finds what the policies of tables ask elsewhere. Which rows they let through may depend on rows of other tenants
// there, whatever else confines them.
type asking struct {
	*pass
	// asked are the tables whose policies were followed: those of PostgreSQL's tables may not ask each other in a circle,
	// but functions may.
	asked map[asked]bool
}

// asked is a table and who asks it, with the policies that bind there, where these are kept apart.
type asked struct {
	by       session
	relation *pgschema.Relation
	policies string
}

// asksOpen returns a table that shows rows of other tenants and that the policies of another ask for a command of a
// session: by themselves, by views and functions, or by the policies of a table in between. Questions about the session's
// own rows alone do not count. It returns "" where there is none.
func (p *pass) asksOpen(s session, r *pgschema.Relation, command string) string {
	commands := []string{command}
	if command == "update" || command == "delete" {
		commands = append(commands, "select") // its policies apply where the statement reads a column
	}
	for _, command := range commands {
		for _, c := range clausesOf[command] {
			permissive, restrictive := p.binding(s, r, command, c)
			key := asked{s, r, identity(permissive) + "and" + identity(restrictive)}
			name, known := p.questions[key]
			if !known {
				name = (&asking{p, map[asked]bool{{by: s, relation: r}: true}}).qual(s, r, qual(permissive, restrictive))
				p.questions[key] = name
			}
			if name != "" {
				return name
			}
		}
	}
	return ""
}

// policies looks at what the policies of a table ask when it is read.
func (a *asking) policies(s session, r *pgschema.Relation) string {
	key := asked{by: s, relation: r}
	if a.asked[key] {
		return ""
	}
	a.asked[key] = true
	return a.qual(s, r, qual(a.binding(s, r, "select", using)))
}

// qual looks at what the condition asks that policies set on a table's rows.
func (a *asking) qual(s session, r *pgschema.Relation, qual *pgast.Node) string {
	if readsTable(qual) {
		stmt := &pgast.Statement{Node: selectWhere(r, qual), Source: pgast.NewSource("", "")}
		for _, ref := range sqlcheck.Analyze(a.database(), stmt).References {
			reader, within := s, stmt.Node
			switch {
			case ref.View != nil:
				reader, within = a.reader(ref.View, ref, s), ref.View.Query.Node
			case ref.Relation == r || !holds(qual, ref.Named()):
				continue // what functions read is looked at with their own rights
			}
			if name := a.reference(reader, within, stmt, ref); name != "" {
				return name
			}
		}
	}
	return a.calls(s, qual)
}

// readsTable reports whether a tree names a relation.
func readsTable(node *pgast.Node) bool {
	reads := false
	pgast.Walk(node, func(n any) bool {
		_, named := n.(*pgast.RangeVar)
		reads = reads || named
		return !reads
	})
	return reads
}

// calls looks at what the functions read that an expression calls.
func (a *asking) calls(s session, expr *pgast.Node) (name string) {
	pgast.Walk(expr, func(n any) bool {
		call, ok := n.(*pgast.FuncCall)
		if !ok || name != "" {
			return name == ""
		}
		for _, f := range a.called(call) {
			for _, body := range a.bodiesOf(run{f, a.rightsOf(f, s)}, s) {
				for _, stmt := range body.statements {
					if name != "" || !readsTable(stmt.Node) {
						continue
					}
					for _, ref := range sqlcheck.Analyze(a.database(), stmt).References {
						told := ref.Verdict != sqlcheck.Unpinned && ref.By != sqlcheck.Constant // by the caller, for all that is known
						if name == "" && !told {
							name = a.reference(body.as, stmt.Node, stmt, ref)
						}
					}
				}
			}
		}
		return name == ""
	})
	return name
}

// reference looks at one table that is asked with somebody's rights, within a query of a statement.
func (a *asking) reference(reader session, within *pgast.Node, stmt *pgast.Statement, ref *sqlcheck.Reference) string {
	switch {
	case a.confined(reader, ref.Relation, "select"):
		return a.policies(reader, ref.Relation)
	case a.fixed(stmt, ref) || a.fixedBySession(within, ref) || len(ref.ByKey) > 0:
		return ""
	case reader.known() && !a.may(reader, ref.Relation, "select"):
		return "" // the statement fails
	}
	return object(ref.Relation)
}

// holds reports whether a tree has the node that names a relation.
func holds(node *pgast.Node, relation *pgast.RangeVar) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		found = found || n == any(relation)
		return !found
	})
	return found
}

// binding returns the conditions of the policies of a table that bind a session.
func (p *pass) binding(s session, r *pgschema.Relation, command string, c clause) (permissive, restrictive []*pgast.Node) {
	for _, policy := range r.Policies {
		expr := expression(policy, command, c)
		switch {
		case expr == nil || !p.applies(s, policy):
		case policy.Permissive:
			permissive = append(permissive, p.asMetBy(s, expr).Node)
		default:
			restrictive = append(restrictive, p.asMetBy(s, expr).Node)
		}
	}
	return permissive, restrictive
}

// identity tells conditions apart.
func identity(conditions []*pgast.Node) string {
	var key []byte
	for _, c := range conditions {
		key = fmt.Appendf(key, "%p ", c)
	}
	return string(key)
}

// qual is what a row must pass: one of the permissive policies and each restrictive one. It is nil where no row passes.
func qual(permissive, restrictive []*pgast.Node) *pgast.Node {
	if len(permissive) == 0 {
		return nil
	}
	return joined(pgast.BoolExprType_AND_EXPR, append(restrictive, joined(pgast.BoolExprType_OR_EXPR, permissive)))
}

// joined is a condition made of several.
func joined(op pgast.BoolExprType, args []*pgast.Node) *pgast.Node {
	if len(args) == 1 {
		return args[0]
	}
	return &pgast.Node{Node: &pgast.Node_BoolExpr{BoolExpr: &pgast.BoolExpr{Boolop: op, Args: slices.Clip(args)}}}
}

// selectWhere is SELECT FROM table WHERE condition.
func selectWhere(r *pgschema.Relation, condition *pgast.Node) *pgast.Node {
	from := &pgast.Node{Node: &pgast.Node_RangeVar{RangeVar: &pgast.RangeVar{Schemaname: r.Schema, Relname: r.Name.Name, Inh: true}}}
	return &pgast.Node{Node: &pgast.Node_SelectStmt{SelectStmt: &pgast.SelectStmt{
		FromClause: []*pgast.Node{from}, WhereClause: condition, Op: pgast.SetOperation_SETOP_NONE,
	}}}
}
