package schemacheck

import (
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Commands are the columns of the matrix.
var Commands = []string{"select", "insert", "update", "delete", "truncate"}

// Verdicts of a cell beside isolated, leaks and undecided.
const (
	// NoAccess says that the role lacks the privilege.
	NoAccess finding.Verdict = "no access"
	// Suppressed says that the cell leaks, and that the source gives a reason why it may.
	Suppressed finding.Verdict = "suppressed"
	// Warned says that a warning or hint tells how the cell reaches what is another tenant's: not as an error
	// does, so that the verdict on the schema does not count it.
	Warned finding.Verdict = "warned"
)

// Cell answers for one role, relation and command: does a session of one tenant reach another's rows?
type Cell struct {
	// Database tells databases of one project apart; empty when there is one.
	Database string          `json:"database,omitempty"`
	Role     string          `json:"role"`
	Relation string          `json:"relation"`
	Command  string          `json:"command"`
	Verdict  finding.Verdict `json:"verdict"`
	// Reason says why a cell leaks, is warned of or undecided; Rule names the rule that reports it.
	Reason string `json:"reason,omitempty"`
	Rule   string `json:"rule,omitempty"`
	// Accepted is the reason that the source gives for a leak which it suppresses.
	Accepted string `json:"accepted,omitempty"`
	// Witness is what one tenant would run to reach another's rows.
	Witness string `json:"witness,omitempty"`
}

// Beside is a way from one tenant to another that is no access to one relation, such as a setting that
// outlives its transaction or a function that takes any SQL.
type Beside struct {
	Role   string `json:"role"`
	Rule   string `json:"rule"`
	Object string `json:"object"`
	Reason string `json:"reason"`
}

// Matrix is the verdict on a schema cell by cell, in order of role, relation and command.
type Matrix struct {
	Cells  []Cell   `json:"cells"`
	Beside []Beside `json:"beside"`
	// Others is what else the roles reach.
	Others []Other `json:"others,omitempty"`
}

// Judge fills the matrix of a schema. It runs the rules for each application role alone: a cell leaks
// exactly where they report an error about isolation for its relation and command, or for a way there.
// Of the findings given, those that are suppressed make the cells they explain suppressed.
func Judge(s *pgschema.Schema, classes *classify.Classes, m *tenancy.Model, found ...finding.Finding) *Matrix {
	accepted := acceptedAmong(found)
	matrix := &Matrix{Cells: []Cell{}, Beside: []Beside{}, Others: []Other{}}
	for _, one := range newPass(s, classes, m).sessions {
		p := newPass(s, classes, m)
		p.sessions = []session{one}
		for _, name := range slices.Sorted(maps.Keys(rules)) {
			rules[name](p)
		}
		p.result.Sort()
		j := newJudge(p, one, accepted)
		matrix.Beside = append(matrix.Beside, j.beside...)
		for _, r := range s.Sorted() {
			if j.listed(r) {
				matrix.Cells = append(matrix.Cells, j.cells(r)...)
			}
		}
		matrix.Others = append(matrix.Others, j.others()...)
	}
	return matrix
}

// judge fills the cells of one role.
type judge struct {
	*pass
	session session
	ways    map[place]*way
	beside  []Beside
	// accepted are the reasons given for errors, accepting the one for the error that is being entered.
	accepted  map[defect]string
	accepting string
	// apart are the tables that belong to one tenant because of where they are, tenants the schemas of tenants in order.
	apart   map[*classify.Table]bool
	tenants []string
}

// newJudge makes the judge of one role from a pass whose rules have run.
func newJudge(p *pass, one session, accepted map[defect]string) *judge {
	j := &judge{pass: p, session: one, ways: map[place]*way{}, accepted: accepted, apart: map[*classify.Table]bool{}, tenants: p.tenantSchemas()}
	for _, t := range p.classes.Apart(p.schema, p.model) {
		j.apart[t] = true
	}
	j.findWays()
	return j
}

// place is a row and column of the matrix.
type place struct {
	relation *pgschema.Relation
	command  string
}

// listed reports whether a relation is a row: a table that belongs to tenants or of which that is open, or a view that
// reads one that does.
func (j *judge) listed(r *pgschema.Relation) bool {
	if r.Temporary || r.Extension != "" {
		return false
	}
	if r.Kind == pgschema.View || r.Kind == pgschema.MaterializedView {
		return r.Query != nil && len(j.analyze(r).References) > 0
	}
	t := j.classes.Get(r)
	return r.IsTable() && t != nil && t.Class != classify.Shared && !j.sameForAll(t)
}

// role names the session in a cell.
func (j *judge) role() string {
	if j.session.known() {
		return j.session.role
	}
	return "(application)"
}

// cells answers for each command on a relation.
func (j *judge) cells(r *pgschema.Relation) []Cell {
	cells := make([]Cell, len(Commands))
	for i, command := range Commands {
		cells[i] = j.cell(r, command)
	}
	return cells
}

func (j *judge) cell(r *pgschema.Relation, command string) Cell {
	c := Cell{Role: j.role(), Relation: object(r), Command: command}
	view := r.Kind == pgschema.View || r.Kind == pgschema.MaterializedView
	switch w := j.ways[place{r, command}]; {
	case w != nil:
		w.fill(&c, w.witness)
	case !j.may(j.session, r, command):
		c.Verdict = NoAccess
	case view:
		j.view(&c, r)
	default:
		j.table(&c, r)
	}
	return c
}

// table answers for a table that no rule reports an error about.
func (j *judge) table(c *Cell, r *pgschema.Relation) {
	t := j.classes.Get(r)
	c.Verdict, c.Reason = finding.Unknown, j.open(r)
	switch {
	case c.Reason != "":
	case j.apart[t]:
		j.placed(c, r)
	case t.Class == classify.Unclassified:
		c.Reason = "nobody says whom its rows belong to: " + t.Reason
	case !j.bound(j.session, r):
		for _, parent := range j.parents(r) {
			if w := j.ways[place{parent, c.Command}]; w != nil {
				w.fill(c, j.statement(r, c.Command))
				return
			}
		}
		j.milder(c, r)
	default:
		for _, l := range j.policyLeaks(t) {
			if l.verdict == sqlcheck.Undecided && slices.Contains(l.commands, c.Command) {
				c.Reason = "policy " + l.policy.Name + ": " + l.admission.Reason
				return
			}
		}
		for _, l := range j.policyLeaks(t) {
			if l.signed && slices.Contains(l.commands, c.Command) {
				c.Verdict, c.Rule, c.Reason = Warned, l.rule, "policy "+l.policy.Name+": the token of the request may pass all tenants"
				return
			}
		}
		if other := j.asksOpen(j.session, r, c.Command); other != "" {
			c.Reason = "its policies ask " + other + ", whose rows of other tenants they meet"
			return
		}
		if c.Reason = j.unclear(r, c.Command); c.Reason == "" {
			c.Verdict = finding.Isolated
		}
	}
}

// open returns what keeps the rules from an answer about a relation, or "".
func (j *judge) open(r *pgschema.Relation) string {
	for _, u := range j.result.Undecided {
		if u.Object == object(r) && u.Code != "policy" && u.Code != "rule" {
			return u.Reason
		}
	}
	for _, u := range j.schema.Undecided {
		if u.Object == object(r) {
			return u.Reason
		}
	}
	return ""
}

// milder answers for a relation that row-level security does not confine, though no error says so. What is less than an
// error for want of the role's privileges stays open.
func (j *judge) milder(c *Cell, r *pgschema.Relation) {
	for _, f := range j.result.Findings {
		if f.Object != object(r) || f.Category != finding.Isolation || f.Rule == "app-role-owns-table" {
			continue
		}
		rule, _ := finding.Lookup(f.Rule)
		t := j.classes.Get(r)
		open := j.session.assumed && rule.Severity == finding.Error && (t == nil || t.Class != classify.Registry)
		if c.Reason, c.Rule = f.Message, f.Rule; !open && f.Severity < finding.Error && j.relyOnRLS() {
			c.Verdict = Warned
		}
		return
	}
	c.Reason = "no row-level security confines it: each statement must name the tenant, which tenantvet checks in queries and Go code"
}

// view answers for a view that no rule reports an error about: by the relations whose rows it shows.
func (j *judge) view(c *Cell, view *pgschema.Relation) {
	c.Verdict, c.Reason = finding.Unknown, j.open(view)
	switch {
	case c.Reason != "":
		return
	case c.Command == "truncate":
		c.Verdict = NoAccess
		return
	case c.Command != "select" && (!writable(view) || replaced(view, c.Command)):
		j.handled(c, view)
		return
	}
	for _, ref := range j.analyze(view).References {
		if c.Command == "insert" && view.CheckOption == "" && !reachedBy(view, ref) {
			continue // nothing asks that table when a row is made
		}
		if j.reader(view, ref, j.session) == j.session && !j.may(j.session, ref.Relation, needs(view, ref, c.Command)) {
			c.Verdict = NoAccess // PostgreSQL checks what the view names with the rights of the caller
			return
		}
	}
	for _, ref := range j.analyze(view).References {
		command := c.Command
		if command == "insert" && view.CheckOption == "" && !reachedBy(view, ref) {
			continue
		}
		if !reachedBy(view, ref) {
			command = "select" // its condition asks that table
		}
		if j.keepsToTenant(view, ref, command) && !(command == "select" && !view.SecurityBarrier && j.cell(ref.Relation, command).Verdict == finding.Leaks) {
			continue // without a barrier, a condition of the caller's looks at the rows of an open table first
		}
		if reader := j.reader(view, ref, j.session); clausesOf[command] != nil && j.confined(reader, ref.Relation, command) {
			if other := j.asksOpen(reader, ref.Relation, command); other != "" {
				c.Reason = "the policies of " + object(ref.Relation) + " ask " + other + ", whose rows of other tenants they meet"
				return
			}
			continue
		}
		below := j.cell(ref.Relation, command)
		if inner := ref.View; inner != nil && inner != view && below.Verdict != finding.Leaks {
			below = j.cell(inner, command)
		}
		switch {
		case below.Verdict == finding.Leaks || below.Verdict == Suppressed:
			c.Verdict, c.Reason, c.Rule, c.Accepted, c.Witness = below.Verdict, below.Reason, below.Rule, below.Accepted, j.statement(view, c.Command)
			return
		case below.Verdict == finding.Unknown || below.Verdict == Warned:
			c.Verdict, c.Reason, c.Rule = below.Verdict, below.Reason, below.Rule
			return
		case j.reader(view, ref, j.session) != j.session:
			j.milder(c, view)
			return
		}
	}
	if c.Reason = j.unclear(view, c.Command); c.Reason == "" {
		c.Verdict = finding.Isolated
	}
}

// needs is the privilege that a command on a view takes on what it names: on the table that it writes to, that for the
// command alone, even where the view has a condition (measured on PostgreSQL 15 to 18), and SELECT on what its condition
// asks.
func needs(view *pgschema.Relation, ref *sqlcheck.Reference, command string) string {
	if reachedBy(view, ref) {
		return command
	}
	return "select"
}

// keepsToTenant reports whether the text of a view confines a command to the session's tenant: the rows that are
// there by its condition, new ones by its check option, or because the session may not choose their tenant.
func (j *judge) keepsToTenant(view *pgschema.Relation, ref *sqlcheck.Reference, command string) bool {
	if !j.fixed(statement(view.Query), ref) {
		return false
	}
	if command != "insert" && command != "update" || view.CheckOption != "" && (ref.View == nil || ref.View == view || view.CheckOption == "cascaded") {
		return true
	}
	base, column := j.writesThrough(view)
	return base != nil && !j.mayColumn(j.session, view, column, command)
}

// reachedBy reports whether a reference is to what writing to a view writes to, and not to a table that its condition
// asks.
func reachedBy(view *pgschema.Relation, ref *sqlcheck.Reference) bool {
	from := view.Query.Node.GetSelectStmt().GetFromClause()
	if len(from) != 1 || ref.View != nil && ref.View != view {
		return true
	}
	return from[0].GetRangeVar().GetRelname() == ref.Relation.Name.Name
}

// writable reports whether PostgreSQL can write through a view (manual, CREATE VIEW, "Updatable Views").
func writable(view *pgschema.Relation) bool {
	query := view.Query.Node.GetSelectStmt()
	return view.Kind == pgschema.View && query != nil && len(query.FromClause) == 1 && query.FromClause[0].GetRangeVar() != nil &&
		query.GroupClause == nil && query.DistinctClause == nil && query.HavingClause == nil && query.LimitCount == nil &&
		query.LimitOffset == nil && query.WithClause == nil
}
