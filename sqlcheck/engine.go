package sqlcheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// engine analyses one statement.
type engine struct {
	db   *Database
	stmt *pgast.Statement

	terms     []termInfo
	externals map[string]term
	opaques   map[expressionKey]term
	// built are the subqueries met so far, by the message that stands for them.
	built  map[expressionKey]*output
	bodies map[*pgschema.Function]*functionBody

	// sites are the references to judge, in order of discovery.
	sites     []*site
	expanding []expansion
	moves     []move
	undecided []finding.Undecided

	tableNames map[string]bool
	ids        map[*pgschema.Relation][]string
	// complete says that the statement is read whole, so that contexts can be closed.
	complete bool
	// blind says that text which is not known may hold a condition.
	blind bool
	// settings is the state of the custom settings, underRLS says that row-level security applies to
	// the tables that are read, guarding are those whose policies are being read.
	settings settingState
	underRLS bool
	guarding []*pgschema.Relation
	// disjunctions counts those that left a predicate open.
	disjunctions int
	// steps bounds the work: views in views and CASE in CASE can grow without limit.
	steps int
}

// maxSteps is far above what real statements need, a few hundred.
const maxSteps = 20_000

// maxDepth bounds views in views and functions in functions.
const maxDepth = 40

// site is a reference as it was met: a relation instance and where the statement names it.
type site struct {
	inst    *instance
	command Command
	// contexts are where the reference must be pinned: its home, or for MERGE several.
	contexts []*context
	key      siteKey
	position finding.Position
	alias    string
	view     *pgschema.Relation
	// scope is the query level that names the relation.
	scope *scope
	// missing says that an INSERT leaves the tenant out, unclear why it cannot be judged.
	missing bool
	unclear string
	upsert  *upsert
}

// siteKey tells references apart; one that is expanded several times is one reference.
type siteKey struct {
	outermost, node any
	command         Command
}

// expansion is a view or function whose body is being read.
type expansion struct {
	node     any
	position finding.Position
	alias    string
	view     *pgschema.Relation
}

func newEngine(db *Database, stmt *pgast.Statement) *engine {
	return &engine{
		db: db, stmt: stmt, terms: make([]termInfo, 1, 8), externals: map[string]term{},
		opaques: map[expressionKey]term{}, built: map[expressionKey]*output{},
		bodies: map[*pgschema.Function]*functionBody{}, blind: blindSpot(stmt),
	}
}

// spend takes a step; it is false when the statement is too large to go on.
func (e *engine) spend() bool {
	e.steps++
	return e.steps <= maxSteps
}

func (e *engine) exhausted() bool { return e.steps > maxSteps }

// expand runs build for the body of a view or function named by a node.
func (e *engine) expand(node any, s *scope, build func()) {
	if len(e.expanding) >= maxDepth {
		e.steps = maxSteps + 1
		return
	}
	x := expansion{node: node}
	switch n := node.(type) {
	case *pgast.RangeVar:
		x.position, x.alias = e.placeOf(n.GetLocation(), s), nameOf(n)
	case *pgast.FuncCall:
		_, x.alias = functionName(n)
		x.position = e.placeOf(n.GetLocation(), s)
	}
	e.expanding = append(e.expanding, x)
	build()
	e.expanding = e.expanding[:len(e.expanding)-1]
}

// refer records a reference to a table that belongs to a tenant.
func (e *engine) refer(i *instance, command Command, node *pgast.RangeVar, s *scope) *site {
	st := &site{inst: i, command: command, contexts: []*context{i.home}, alias: i.alias, scope: s,
		key: siteKey{node, node, command}, position: e.placeOf(node.GetLocation(), s)}
	if len(e.expanding) > 0 {
		outermost := e.expanding[0]
		st.key.outermost, st.position, st.alias, st.view = outermost.node, outermost.position, outermost.alias, outermost.view
	}
	e.sites = append(e.sites, st)
	return st
}

// placeOf returns where a location of the text of a scope is.
func (e *engine) placeOf(location int32, s *scope) finding.Position {
	for ; s != nil; s = s.parent {
		if s.at != nil {
			return s.at(location)
		}
	}
	return e.stmt.Position(location)
}

func fixedAt(p finding.Position) func(int32) finding.Position {
	return func(int32) finding.Position { return p }
}

func (e *engine) undecide(o operand, location int32, object, code, reason string) {
	e.undecided = append(e.undecided, finding.Undecided{
		Position: e.placeOf(location, o.scope), Object: object, Code: code, Reason: reason,
	})
}

// nameOf is the name under which a statement refers to a relation.
func nameOf(n *pgast.RangeVar) string {
	if a := n.GetAlias().GetAliasname(); a != "" {
		return a
	}
	return n.GetRelname()
}
