// Package sqlcheck judges one SQL statement: for each tenant table it touches, can rows of another
// tenant influence what the statement returns or does? The pin engine behind it also judges policy
// expressions, views and SQL functions.
package sqlcheck

import (
	"strings"
	"sync/atomic"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Database is what the engine needs to know of a database.
type Database struct {
	Schema  *pgschema.Schema
	Classes *classify.Classes
	Model   *tenancy.Model
	// Policies are those that bind a reader of a table by a command while current_user is user; bound is
	// false where row-level security does not bind it. Nil: all that are for the model's application roles bind.
	Policies func(reader, user Principal, r *pgschema.Relation, command Command) (p Policies, bound bool)

	index atomic.Pointer[index]
}

// Principal is with whose rights a part of a statement runs: the session's, or those of the owner of the
// view or SECURITY DEFINER function that it is part of.
type Principal struct {
	Owner bool
	Role  string
}

// Policies are the expressions of which a row must pass one permissive and every restrictive.
type Policies struct{ Permissive, Restrictive []*pgschema.Expr }

// Verdict is the answer for one reference. The zero value claims nothing.
type Verdict int

const (
	// Undecided means that the engine cannot tell; the reason says why.
	Undecided Verdict = iota
	// Pinned means that rows of other tenants cannot influence the statement here.
	Pinned
	// Unpinned means that they can.
	Unpinned
)

var verdictNames = [...]string{"undecided", "pinned", "unpinned"}

func (v Verdict) String() string { return verdictNames[v] }

// Command is what a statement does with a reference.
type Command string

// Commands. A conflict is the existing row that INSERT … ON CONFLICT DO UPDATE changes.
const (
	Select   Command = "select"
	Insert   Command = "insert"
	Conflict Command = "on conflict"
	Update   Command = "update"
	Delete   Command = "delete"
	Truncate Command = "truncate"
	Copy     Command = "copy"
)

// Source is the kind of value that pins a reference.
type Source int

// Sources, from the most to the least specific.
const (
	// NoSource is that of a reference that is not pinned.
	NoSource Source = iota
	// Parameter is a bind parameter, Setting a tenant setting, Constant a literal.
	Parameter
	Setting
	Constant
	// Value is any other expression that reads no table.
	Value
	// Null is IS NULL: rows that belong to no tenant.
	Null
	// Never says that the condition is true for no row.
	Never
)

// Reference is one use of a tenant table, child table or tenant registry in a statement.
type Reference struct {
	Relation *pgschema.Relation
	Table    *classify.Table
	// Alias is the name the statement uses for the relation.
	Alias   string
	Command Command
	Verdict Verdict
	// By is the kind of value that pins the reference and Value its text, such as "$1".
	By    Source
	Value string
	// Told are the values among those that pin the reference which do not follow from the session alone: parameters,
	// constants and what else is known when the statement runs.
	Told []string
	// Moved is the value that an UPDATE makes the tenant of its rows, "…" where it is no single one, or "": it leaves them
	// with their own or the session's.
	Moved string
	// List says that the reference is pinned to several tenants at once, as by = ANY($1).
	List bool
	// Mixed says that one of these is named by a constant and another is not.
	Mixed bool
	// Nullable says that rows without a tenant are admitted beside those of the tenant.
	Nullable bool
	// ByKey are the columns that fix the rows of an unpinned reference without the tenant: a unique
	// key, an unguessable secret, or a join with the key of a row that is itself fixed or pinned.
	ByKey []string
	// Tied says that the rows are fixed by a join with a pinned relation and not by values alone, or
	// those without a tenant where the reference is Nullable.
	Tied bool
	// FailsOpen is the condition that would pin the reference but is true for every row under
	// circumstances; nil when there is none.
	FailsOpen *FailOpen
	// Reason says why the verdict is what it is.
	Reason string
	// Position is where the statement names the relation.
	Position finding.Position
	// View is the view through which the statement reaches the relation; nil when it names it.
	View *pgschema.Relation

	site *site
}

// BySession reports whether the reference is pinned by what the session is, and by nothing that somebody tells it.
func (r *Reference) BySession() bool {
	return r.Verdict == Pinned && (r.By == Setting || r.By == Value || r.By == Never) && len(r.Told) == 0
}

// Named returns the node of the statement, or of the view or function that is expanded in it, that names the relation.
func (r *Reference) Named() *pgast.RangeVar {
	named, _ := r.site.key.node.(*pgast.RangeVar)
	return named
}

// FailOpen is a tenant predicate with a way round it, or several predicates on the tenant columns of one table.
type FailOpen struct {
	Predicates []Predicate
	// Text is the alternative that lets every row pass, such as "$1 IS NULL".
	Text     string
	Position finding.Position
	// Outside says that the alternative depends on values from outside alone, not on the row: a caller
	// that passes NULL or '' sees every tenant.
	Outside bool
}

// Predicate is what would pin a reference. Value is "" where it is not a single value from outside.
type Predicate struct{ Column, Value string }

// String says which predicates do not hold and where.
func (f *FailOpen) String() string {
	if len(f.Predicates) == 1 {
		return "the predicate on " + f.Predicates[0].Column + " does not hold where " + f.Text
	}
	var columns []string
	for _, p := range f.Predicates {
		columns = append(columns, p.Column)
	}
	return "the predicates on " + strings.Join(columns, " and ") + " do not hold where " + f.Text
}

// Analysis is what the engine found out about a statement.
type Analysis struct {
	// References are in order of the text.
	References []*Reference
	// Undecided holds what could not be followed and belongs to no reference, such as a call of a
	// function whose body is not SQL.
	Undecided []finding.Undecided
}
