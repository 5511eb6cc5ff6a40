// Package pgschema holds a PostgreSQL database as data: relations, keys, indexes, policies,
// roles, grants and functions. pgschema/replay builds it from DDL, pgschema/catalog from a live
// server; every rule runs unchanged on either.
package pgschema

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Origin is the statement that made a property true. It is the zero Position for what a live
// server says.
type Origin = finding.Position

// Name is the folded, unquoted name of an object in a schema.
type Name struct{ Schema, Name string }

// String writes the name as "schema.name".
func (n Name) String() string {
	if n.Schema == "" {
		return n.Name
	}
	return n.Schema + "." + n.Name
}

// Schema is one database.
type Schema struct {
	Namespaces map[string]*Namespace
	Relations  map[Name]*Relation
	Functions  []*Function
	Types      map[Name]*Type
	Roles      map[string]*Role
	// Memberships are GRANT role TO role.
	Memberships []*Membership
	// DefaultPrivileges are ALTER DEFAULT PRIVILEGES entries.
	DefaultPrivileges []*DefaultPrivilege
	// SettingDefaults are ALTER ROLE/DATABASE … SET entries.
	SettingDefaults []*SettingDefault
	// Events are statements that matter to rules about migrations, in order of execution.
	Events []Event
	// SearchPath is the path in force after the last statement; unqualified names in
	// statements are looked up along it.
	SearchPath []string
	// Undecided holds what the builder could not see through, such as dynamic SQL, and Unknown the
	// statements it could not: they may have changed the schema.
	Undecided []finding.Undecided
	Unknown   []*pgast.Statement
	// Skipped holds statements that did not parse or that the builder does not apply.
	Skipped []finding.Skipped
}

// New returns an empty database with the schema public, which everyone may use and
// pg_database_owner owns, and the default search path.
func New() *Schema {
	return &Schema{
		Namespaces: map[string]*Namespace{"public": {
			Name: "public", Owner: "pg_database_owner", Grants: []*Grant{{Privilege: "usage", Grantee: "public"}},
		}},
		Relations:  map[Name]*Relation{},
		Types:      map[Name]*Type{},
		Roles:      map[string]*Role{},
		SearchPath: []string{"public"},
	}
}

// Sorted returns the relations in order of schema and name.
func (s *Schema) Sorted() []*Relation {
	return slices.SortedFunc(maps.Values(s.Relations), func(a, b *Relation) int {
		if a.Schema != b.Schema {
			return strings.Compare(a.Schema, b.Schema)
		}
		return strings.Compare(a.Name.Name, b.Name.Name)
	})
}

// Lookup finds a relation the way PostgreSQL does: a qualified name directly, an unqualified one
// along the search path.
func (s *Schema) Lookup(schema, name string) *Relation {
	if schema != "" {
		return s.Relations[Name{schema, name}]
	}
	for _, p := range s.SearchPath {
		if r := s.Relations[Name{p, name}]; r != nil {
			return r
		}
	}
	return nil
}

// Namespace is a PostgreSQL schema.
type Namespace struct {
	Name   string
	Owner  string
	Origin Origin
	Grants []*Grant
}

// Kind is the kind of a relation, with the letters of pg_class.relkind.
type Kind byte

// Kinds of relations.
const (
	Table            Kind = 'r'
	PartitionedTable Kind = 'p'
	View             Kind = 'v'
	MaterializedView Kind = 'm'
	ForeignTable     Kind = 'f'
	Sequence         Kind = 'S'
)

// Relation is a table, view, materialized view, foreign table or sequence.
type Relation struct {
	Name
	Kind   Kind
	Owner  string
	Origin Origin
	// Temporary and Unlogged tables are kept, so that statements on them resolve.
	Temporary bool
	Unlogged  bool
	// Columns are in order of attribute number.
	Columns     []*Column
	Constraints []*Constraint
	Indexes     []*Index
	Triggers    []*Trigger
	Rules       []*Rule
	Policies    []*Policy
	// Grants are those of other roles than the owner, which has every privilege but OwnerRevoked
	// (in order of name).
	Grants       []*Grant
	OwnerRevoked []string

	// RowSecurity is ENABLE ROW LEVEL SECURITY, ForceRowSecurity FORCE; RowSecurityOrigin is the
	// last statement that changed either.
	RowSecurity       bool
	ForceRowSecurity  bool
	RowSecurityOrigin Origin

	// PartitionOf is the parent of a partition; Inherits are the parents by INHERITS.
	PartitionOf *Name
	Inherits    []Name
	// PartitionBound is the text of a partition's bound, such as "FOR VALUES IN ('a')" or "DEFAULT".
	PartitionBound string
	// PartitionKey are the columns of PARTITION BY; an expression is "".
	PartitionKey []string
	// PartitionStrategy is "list", "range" or "hash".
	PartitionStrategy string

	// Query is the SELECT of a view, materialized view or CREATE TABLE AS, which tells what rows are in the table: nil with NO DATA.
	Query *Expr
	// SecurityInvoker and SecurityBarrier are view options; CheckOption is "", "local" or "cascaded".
	SecurityInvoker bool
	SecurityBarrier bool
	CheckOption     string
	// Extension names the extension that owns the relation; empty for the team's own.
	Extension string

	// Pages and Rows are what the planner takes the size for (pg_class.relpages, reltuples); Rows is -1
	// for a table that was never analyzed. Live servers only.
	Pages int
	Rows  float64
	// Locked says that another session's lock kept policies, defaults and predicates from being read.
	// Live servers only.
	Locked bool
}

// Column finds a column by its folded name.
func (r *Relation) Column(name string) *Column {
	for _, c := range r.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// IsTable reports whether the relation stores rows of its own or of its partitions.
func (r *Relation) IsTable() bool {
	return r.Kind == Table || r.Kind == PartitionedTable || r.Kind == ForeignTable
}

// Column is a column of a relation.
type Column struct {
	Name string
	// Type is the type as format_type writes it, without schema for pg_catalog: "uuid",
	// "character varying(20)", "timestamp with time zone", "integer[]".
	Type    string
	NotNull bool
	// NotNullOrigin is where NOT NULL became true (CREATE, SET NOT NULL, PRIMARY KEY), or where it
	// was taken away (DROP NOT NULL).
	NotNullOrigin Origin
	// Default and Generated hold the expression, Identity 'a' (always), 'd' (by default) or 0.
	Default   *Expr
	Generated *Expr
	Identity  byte
	Origin    Origin
	// Grants are column privileges.
	Grants []*Grant
}

// Expr is an expression or query, parsed in the context of its relation.
type Expr struct {
	// Text is the source text.
	Text string
	// Node is its tree; for a query the statement node.
	Node *pgast.Node
	// Stmt is the statement the expression stands in; node locations count from its start. Nil
	// for what a live server printed.
	Stmt *pgast.Statement
}

// At returns where a node of the expression is.
func (e *Expr) At(location int32) finding.Position {
	if e == nil || e.Stmt == nil {
		return finding.Position{}
	}
	return e.Stmt.Position(location)
}

// ConstraintKind is the kind of a constraint, with the letters of pg_constraint.contype.
type ConstraintKind byte

// Kinds of constraints.
const (
	PrimaryKey ConstraintKind = 'p'
	Unique     ConstraintKind = 'u'
	ForeignKey ConstraintKind = 'f'
	Check      ConstraintKind = 'c'
	Exclusion  ConstraintKind = 'x'
)

// Constraint is a constraint of a relation.
type Constraint struct {
	Name    string
	Kind    ConstraintKind
	Columns []string
	// Unlike are those of Columns that an exclusion constraint compares by another operator than "=".
	Unlike []string
	// Check is the expression of a CHECK constraint.
	Check *Expr
	// Foreign keys: the referenced relation and columns, in the order of Columns.
	RefTable   Name
	RefColumns []string
	// OnDelete and OnUpdate are "no action", "restrict", "cascade", "set null" or "set default".
	OnDelete, OnUpdate string
	// NotValid says that existing rows were not checked.
	NotValid         bool
	NullsNotDistinct bool
	// Deferrable constraints are checked at the end of a statement or transaction.
	Deferrable bool
	// NoInherit keeps a CHECK constraint from the children of the table.
	NoInherit bool
	Origin    Origin
}

// Index is an index, also the one behind a primary key or unique constraint.
type Index struct {
	Name   string
	Method string // "btree", "gin", …
	// Columns are the key columns in order; an expression is "".
	Columns []string
	// Exprs are the expressions, by position of the key column they stand for.
	Exprs map[int]*Expr
	// Options are what is not the default of a key column, by its position: "COLLATE C",
	// "gin_trgm_ops", "DESC", "NULLS FIRST".
	Options map[int]string
	// Include are the non-key columns.
	Include []string
	Unique  bool
	Primary bool
	// NullsNotDistinct says that NULL equals NULL in a unique index (PostgreSQL 15).
	NullsNotDistinct bool
	// Constraint names the constraint the index belongs to.
	Constraint string
	// Where is the predicate of a partial index.
	Where *Expr
	// Invalid says that a concurrent build failed (live servers only).
	Invalid      bool
	Concurrently bool
	Origin       Origin
}

// Policy is a row-security policy.
type Policy struct {
	Name string
	// Command is "all", "select", "insert", "update" or "delete".
	Command    string
	Permissive bool
	// Roles it applies to; "public" stands for everyone.
	Roles []string
	// Using and Check are nil when the clause is absent.
	Using, Check *Expr
	// Origin is the statement that last defined the policy.
	Origin Origin
}

// Trigger is a trigger on a relation.
type Trigger struct {
	Name     string
	Function Name
	Timing   string // "before", "after", "instead of"
	Events   []string
	// Columns are those of UPDATE OF.
	Columns  []string
	ForRow   bool
	When     *Expr
	Disabled bool
	Origin   Origin
}

// Rule is a rewrite rule other than a view's own.
type Rule struct {
	Name    string
	Event   string // "select", "insert", "update", "delete"
	Instead bool
	Where   *Expr
	Actions []*Expr
	Origin  Origin
}

// Grant is one privilege of one grantee on the object that holds it. What an owner has by being the
// owner is not listed; what everyone has by default is, such as "execute" on a function.
type Grant struct {
	// Privilege is lower case: "select", "insert", "update", "delete", "truncate", "references",
	// "trigger", "maintain", "usage", "create", "execute", …
	Privilege string
	// Grantee is a role; "public" stands for everyone.
	Grantee     string
	GrantOption bool
	Origin      Origin
}

// Function is a function or procedure.
type Function struct {
	Name
	// Args are the types of the input arguments, ArgNames their names ("" when unnamed).
	Args     []string
	ArgNames []string
	// Defaults holds, by argument position, the default expressions.
	Defaults map[int]*Expr
	// Variadic says that the last argument takes any number of values.
	Variadic bool
	// Returns is the result type, "SETOF uuid" for a set, "TABLE(id uuid)" for RETURNS TABLE; empty
	// for a procedure without output.
	Returns  string
	Language string
	// Body is the source text as given between the quotes; for BEGIN ATOMIC and RETURN bodies
	// BodyNodes holds the parsed statements instead.
	Body       string
	BodyOrigin Origin
	BodyNodes  []*Expr
	Procedure  bool
	// SecurityDefiner, Leakproof and Volatility ('v', 's', 'i') as in pg_proc.
	SecurityDefiner bool
	Leakproof       bool
	Volatility      byte
	Cost            float64
	// Settings are SET clauses, such as "search_path" -> "pg_catalog, public".
	Settings  map[string]string
	Owner     string
	Grants    []*Grant
	Origin    Origin
	Extension string
}

// Accepts reports whether the function can be called with that many arguments.
func (f *Function) Accepts(args int) bool {
	required := len(f.Args) - len(f.Defaults)
	if f.Variadic {
		return args >= required-1
	}
	return args >= required && args <= len(f.Args)
}

// Type is an enum, domain or composite type.
type Type struct {
	Name
	Kind byte // 'e', 'd', 'c', 'r' as in pg_type.typtype
	// Labels of an enum, Base of a domain, Attributes of a composite type.
	Labels     []string
	Base       string
	Attributes []*Column
	Owner      string
	Grants     []*Grant
	Origin     Origin
}

// Role is a role with its attributes.
type Role struct {
	Name       string
	Superuser  bool
	BypassRLS  bool
	CreateRole bool
	CreateDB   bool
	Inherit    bool
	Login      bool
	Origin     Origin
}

// Membership is GRANT Role TO Member.
type Membership struct {
	Role, Member string
	// Admin, Inherit and Set are the options of the grant (16 and later; on 15 Inherit is the
	// member's attribute at run time and Set is true).
	Admin, Inherit, Set bool
	Origin              Origin
}

// DefaultPrivilege is one privilege that an entry of ALTER DEFAULT PRIVILEGES gives, as in
// pg_default_acl: an entry for every schema (Schema "") stands in place of the built-in defaults and
// lists the role's own privileges too, one for a schema adds to them.
type DefaultPrivilege struct {
	// Role whose future objects are concerned; Schema "" means every schema.
	Role, Schema string
	// Objects is "tables", "sequences", "functions", "types" or "schemas".
	Objects string
	Grant   Grant
}

// SettingDefault is ALTER ROLE … SET, ALTER DATABASE … SET or, for a custom setting, ALTER SYSTEM SET.
type SettingDefault struct {
	// Role and Database are empty when the entry is not limited to one.
	Role, Database string
	// System says that the entry is that of ALTER SYSTEM, which migrations show and catalogs do not.
	System      bool
	Name, Value string
	Origin      Origin
}

// Event is a statement of a migration that some rule looks at in its place.
type Event struct {
	// Kind is the parser's statement kind, such as "AlterTableStmt".
	Kind string
	// Object is the relation or role concerned, empty for a setting.
	Object Name
	// Detail says what happened, such as "disable row security", or names the setting that was set.
	Detail string
	// Role is who ran the statement; empty when not known.
	Role string
	// Block is why the statement runs inside a transaction block, in words; empty when it may be a
	// transaction by itself.
	Block string
	// Removed is what a DROP took away: a *Policy, *Trigger, *Constraint, *Index or *Column.
	Removed any
	Stmt    *pgast.Statement
}
