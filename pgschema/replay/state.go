package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// replayer is a database in the making and the session that makes it.
type replayer struct {
	schema  *pgschema.Schema
	version int
	login   string // the role that runs the migrations

	// now are the settings in force, session what they fall back to when a transaction ends
	// (SET LOCAL changes only the former).
	now, session settings
	// lastPath is the last search path that a file set for its session.
	lastPath []string

	stmt    *pgast.Statement // the statement being applied
	depth   int              // of function calls being interpreted
	steps   int              // PL/pgSQL statements interpreted so far
	running int              // PL/pgSQL bodies being executed
	copies  int              // objects copied for snapshots so far
	// temporary says that some relation was.
	temporary bool
	// dropping are the relations that the current statement drops.
	dropping map[*pgschema.Relation]bool
	block    block

	indexes     map[pgschema.Name]indexRef
	constraints map[pgschema.Name]int // how many constraints bear a name
	nextDigit   map[pgschema.Name]int // where the search for a free name goes on
	functions   map[pgschema.Name][]*pgschema.Function
	defaults    map[defaultKey]*defaultACL
	defaultKeys []defaultKey // in order of creation
	members     map[membershipKey]*pgschema.Membership
	// grantors are the roles other than the owner that gave a privilege, and givers those that gave a
	// membership ("" is a superuser).
	grantors map[*pgschema.Grant]string
	givers   map[membershipKey][]string

	users    map[any][]user                              // by the object used
	children map[*pgschema.Relation][]*pgschema.Relation // partitions and INHERITS
	attached map[*pgschema.Index][]indexRef              // indexes of partitions, by the parent's
	owned    map[*pgschema.Column]*pgschema.Relation     // sequences, by the column that owns them
	keyOf    map[*pgschema.Constraint]*pgschema.Index    // the index that a foreign key rests on
	// inherited holds the *Column, *Constraint, *Index and *Trigger that a child has only from
	// its parents.
	inherited  map[any]bool
	extensions map[string]string // schema by extension
	typeOf     map[*pgschema.Column]*pgschema.Type
	scripts    map[*pgschema.Function]*pgast.Statement // CREATE FUNCTION statements
	changing   map[*pgast.Statement]bool               // whether those change the schema
}

// settings are what SET changes in a session.
type settings struct {
	path          []string // search_path as written, with "$user"
	role, session string   // current_user and session_user
	// custom are the custom settings that the file set, by lower-case name; the map is never changed.
	custom map[string]string
}

type indexRef struct {
	rel *pgschema.Relation
	idx *pgschema.Index
}

func newReplayer(opts Options) *replayer {
	version := opts.PGVersion
	if version == 0 {
		version = newestVersion
	}
	return &replayer{
		schema: pgschema.New(), version: version, login: opts.Owner,
		indexes:     map[pgschema.Name]indexRef{},
		constraints: map[pgschema.Name]int{},
		nextDigit:   map[pgschema.Name]int{},
		functions:   map[pgschema.Name][]*pgschema.Function{},
		defaults:    map[defaultKey]*defaultACL{},
		members:     map[membershipKey]*pgschema.Membership{},
		grantors:    map[*pgschema.Grant]string{},
		givers:      map[membershipKey][]string{},
		users:       map[any][]user{},
		children:    map[*pgschema.Relation][]*pgschema.Relation{},
		attached:    map[*pgschema.Index][]indexRef{},
		keyOf:       map[*pgschema.Constraint]*pgschema.Index{},
		owned:       map[*pgschema.Column]*pgschema.Relation{},
		inherited:   map[any]bool{},
		extensions:  map[string]string{},
		typeOf:      map[*pgschema.Column]*pgschema.Type{},
		scripts:     map[*pgschema.Function]*pgast.Statement{},
		changing:    map[*pgast.Statement]bool{},
	}
}

// startSession brings the settings back to the defaults of the migrating role.
func (r *replayer) startSession() {
	r.session = settings{path: r.defaultPath(), role: r.login, session: r.login}
	r.now = r.session
}

// finish brings the order of what was kept by name into the schema.
func (r *replayer) finish() *pgschema.Schema {
	s := r.schema
	s.Functions = r.currentFunctions()
	r.joinGrants()
	s.Memberships = slices.DeleteFunc(s.Memberships, func(m *pgschema.Membership) bool {
		return r.members[membershipKey{m.Role, m.Member}] != m
	})
	if r.version < 16 {
		for _, m := range s.Memberships {
			m.Set = true
			if member := s.Roles[m.Member]; member != nil {
				m.Inherit = member.Inherit
			}
		}
	}
	s.DefaultPrivileges = r.defaultPrivileges()
	s.Undecided = withoutRepetitions(s.Undecided)
	s.Skipped = withoutRepetitions(s.Skipped)
	s.SearchPath = nil
	for _, name := range slices.Concat(r.defaultPath(), r.lastPath) {
		if name != "$user" && !slices.Contains(s.SearchPath, name) {
			s.SearchPath = append(s.SearchPath, name)
		}
	}
	return s
}

// withoutRepetitions keeps the first of equal remarks, such as those on a function called often.
func withoutRepetitions[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	return slices.DeleteFunc(list, func(e T) bool {
		repeated := seen[e]
		seen[e] = true
		return repeated
	})
}

// apply applies one statement; what PostgreSQL would refuse becomes a note.
func (r *replayer) apply(stmt *pgast.Statement) {
	r.stmt = stmt
	r.applyNode(stmt.Node)
}

func (r *replayer) applyNode(node *pgast.Node) {
	if err := r.dispatch(node); err != nil {
		var undecided *undecidedError
		if errors.As(err, &undecided) {
			r.undecided(undecided.location, undecided.code, "%s", undecided.reason)
			return
		}
		location := int32(0)
		var located *locatedError
		if errors.As(err, &located) {
			location = located.location
		}
		r.skip(location, "%s", err)
	}
}

// at is a position in the current statement; -1 and 0 are its start.
func (r *replayer) at(location int32) finding.Position { return r.stmt.Position(location) }

// here is the start of the current statement.
func (r *replayer) here() finding.Position { return r.stmt.Position(0) }

func (r *replayer) skip(location int32, format string, args ...any) {
	r.schema.Skipped = append(r.schema.Skipped, finding.Skipped{
		Position: r.at(location), What: summary(r.stmt.Text()), Reason: fmt.Sprintf(format, args...),
	})
}

func (r *replayer) undecided(location int32, code, format string, args ...any) {
	r.schema.Undecided = append(r.schema.Undecided, finding.Undecided{
		Position: r.at(location), Object: summary(r.stmt.Text()), Code: code, Reason: fmt.Sprintf(format, args...),
	})
	r.schema.Unknown = append(r.schema.Unknown, r.stmt)
}

func (r *replayer) event(kind string, object pgschema.Name, detail string) {
	r.schema.Events = append(r.schema.Events, pgschema.Event{
		Kind: kind, Object: object, Detail: detail, Role: r.now.role, Block: r.why(), Stmt: r.stmt,
	})
}

// removed records a statement that takes a part of a relation away.
func (r *replayer) removed(kind string, rel *pgschema.Relation, detail string, part any) {
	r.event(kind, rel.Name, detail)
	r.schema.Events[len(r.schema.Events)-1].Removed = part
}

// summary is the beginning of a statement on one line.
func summary(text string) string {
	const limit = 60
	line := strings.Join(strings.Fields(text[:min(len(text), 4*limit)]), " ")
	if len(line) <= limit {
		return line
	}
	return strings.ToValidUTF8(line[:limit], "") + " …"
}

// locatedError is an error at a place inside the statement.
type locatedError struct {
	location int32
	message  string
}

func (e *locatedError) Error() string { return e.message }

func errorAt(location int32, format string, args ...any) error {
	return &locatedError{location, fmt.Sprintf(format, args...)}
}

// undecidedError says that the effect of a statement cannot be known.
type undecidedError struct {
	location     int32
	code, reason string
}

func (e *undecidedError) Error() string { return e.reason }

// expr makes an expression of the current statement.
func (r *replayer) expr(node *pgast.Node, text string) *pgschema.Expr {
	if node == nil {
		return nil
	}
	return &pgschema.Expr{Text: text, Node: node, Stmt: r.stmt}
}
