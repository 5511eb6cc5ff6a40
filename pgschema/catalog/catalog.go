// Package catalog reads a pgschema.Schema from the system catalogs of a live PostgreSQL server.
//
// It is made for databases with a schema for each tenant, where thousands of relations are alike, and
// for fleets of small ones. So the queries are plain scans without sorts, which are quick to plan too;
// names are looked up and parts put in order here; and what the server takes long to write, such as an
// expression, is asked for once where it is stored alike.
package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Read returns the database of the connection. It asks the server in a read-only transaction with one
// snapshot, and never waits for another session: what a migration has locked is in Schema.Skipped.
// Schemas of the system are left out; what extensions own is marked. The server may be newer than the
// parser: an expression that does not parse is in Schema.Undecided.
func Read(ctx context.Context, conn *pgx.Conn) (*pgschema.Schema, error) {
	version, err := majorVersion(conn)
	if err != nil {
		return nil, err
	}
	seen := locks{}
	for left := attempts; ; left-- {
		r := newReader(version, seen)
		err := r.read(ctx, conn)
		if err == nil {
			r.parse()
			r.skipLocked()
			return r.schema, nil
		}
		if left == 1 || ctx.Err() != nil || conn.IsClosed() || !passing(err) {
			return nil, fmt.Errorf("read the catalog: %w", remedy(err))
		}
	}
}

// read asks once.
func (r *reader) read(ctx context.Context, conn *pgx.Conn) error {
	tx, err := Begin(ctx, conn, pgx.RepeatableRead)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // it has written nothing
	if err := r.findLocks(ctx, tx); err != nil {
		return err
	}
	r.queueObjects()
	if err := r.run(ctx, conn.PgConn()); err != nil {
		return err
	}
	r.sortMemberships()
	r.assemble()
	r.queueDetails()
	if err := r.run(ctx, conn.PgConn()); err != nil {
		return err
	}
	r.complete()
	return nil
}

// majorVersion is what the server said when the connection was made, such as "16.4 (Debian …)".
func majorVersion(conn *pgx.Conn) (int, error) {
	said := conn.PgConn().ParameterStatus("server_version")
	digits := strings.IndexFunc(said, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(said)
	}
	version, err := strconv.Atoi(said[:digits])
	if err != nil {
		return 0, fmt.Errorf("server version %q is not understood", said)
	}
	return version, nil
}

// reader collects the answers. Its maps are by oid.
type reader struct {
	version int
	schema  *pgschema.Schema
	locks   locks

	queries pgconn.Batch
	takes   []func(*row)
	texts   map[string]string // each text once

	roles      map[uint32]string
	namespaces map[uint32]*pgschema.Namespace
	extensions map[member]string
	composites map[uint32]*pgschema.Type // by the relation that holds the attributes
	relations  map[uint32]*relation
	functions  map[uint32]*pgschema.Function
	// lockedFunctions are names.
	lockedFunctions map[uint32]string
	constraints     map[uint32]uint32               // the relations that have them
	byIndex         map[uint32]*pgschema.Constraint // primary keys, unique and exclusion constraints
	opclasses       map[uint32]bool                 // other than a type's default

	// What the details are asked for.
	found   found
	unusual []numbered[*pgschema.Index] // have another order, operator class or collation than the default
	typed   map[typmod][]*string
	acls    map[acl]*holders
	kinds   map[kind]*kindOf
	twins   []twin
	indexed map[indexedExpressions][]numbered[*pgschema.Index]
	shapes  map[string]int

	ownerHas map[byte][]string // privileges on a kind of relation by default
	pending  []pending
}

// found says which kinds of objects a database has.
type found struct{ partitioned, children, triggers, rules, defaults, generated bool }

func newReader(version int, seen locks) *reader {
	r := &reader{
		version: version, schema: pgschema.New(), locks: seen, texts: map[string]string{},
		roles: map[uint32]string{}, namespaces: map[uint32]*pgschema.Namespace{}, extensions: map[member]string{},
		composites: map[uint32]*pgschema.Type{}, relations: map[uint32]*relation{},
		functions: map[uint32]*pgschema.Function{}, lockedFunctions: map[uint32]string{},
		constraints: map[uint32]uint32{}, byIndex: map[uint32]*pgschema.Constraint{}, opclasses: map[uint32]bool{},
		typed: map[typmod][]*string{}, acls: map[acl]*holders{}, kinds: map[kind]*kindOf{},
		indexed: map[indexedExpressions][]numbered[*pgschema.Index]{}, shapes: map[string]int{}, ownerHas: map[byte][]string{},
	}
	r.schema.Namespaces, r.schema.SearchPath = map[string]*pgschema.Namespace{}, nil
	return r
}

// queueObjects asks which objects there are. Objects come before their parts.
func (r *reader) queueObjects() {
	r.ask(`SELECT current_schemas(false)::text[]`, func(w *row) { r.schema.SearchPath = w.list() })
	// The hashes of a large catalog fit in this; compiling and sharing them out costs more than it saves.
	// With an empty path the server prints every name with its schema.
	r.ask(`SELECT set_config('work_mem', '32MB', true), set_config('jit', 'off', true),
		set_config('max_parallel_workers_per_gather', '0', true), set_config('search_path', '', true)`, func(*row) {})
	r.queueRoles()
	r.queueExtensions()
	r.queueNamespaces()
	r.queueTypes()
	r.queueRelations()
	r.queueColumns()
	r.queueConstraints()
	r.queueIndexes()
	r.queuePolicies()
	r.queueFunctions()
	r.queueDefaultPrivileges()
}

// queueDetails asks about the objects that were found.
func (r *reader) queueDetails() {
	r.queueTypeNames()
	r.queuePartitionKeys()
	r.queueParents()
	r.queueDefaults()
	r.queueDefinitions()
	r.queueTriggers()
	r.queueRules()
	r.queueGrants()
	r.queueTwins()
}

// complete takes over what details were asked for once.
func (r *reader) complete() {
	r.grant()
	r.setTwins()
}

// userSchemas is the condition on pg_namespace n that leaves the system out.
const userSchemas = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

// firstUser is the lowest oid that users' objects have, other than the schema public (transam.h).
const firstUser = "16384"

// queueExtensions asks which objects belong to an extension.
func (r *reader) queueExtensions() {
	r.ask(`SELECT d.objid, d.classid::regclass, e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
		WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'`, func(w *row) {
		r.extensions[member{w.oid(), w.text()}] = w.text()
	})
}

// member is an object of a catalog, such as "pg_class".
type member struct {
	oid     uint32
	catalog string
}

func (r *reader) queueNamespaces() {
	r.ask(`SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n WHERE USER_SCHEMAS`, func(w *row) {
		id, name, owner := w.oid(), w.text(), w.oid()
		ns := &pgschema.Namespace{Name: name, Owner: r.role(owner)}
		r.namespaces[id], r.schema.Namespaces[name] = ns, ns
		r.holds(acl{onSchema, owner, w.text()}, part{of: id}, holder{grants: &ns.Grants})
	})
}

// numbered is a part of an object until all of them are known.
type numbered[T any] struct {
	id   uint32
	part T
}

// inOrder returns parts in the order in which they were made.
func inOrder[T any](parts []numbered[T]) []T {
	if len(parts) == 0 {
		return nil
	}
	slices.SortFunc(parts, func(a, b numbered[T]) int { return int(int64(a.id) - int64(b.id)) })
	all := make([]T, len(parts))
	for i, p := range parts {
		all[i] = p.part
	}
	return all
}

// array writes oids as SQL.
func array(oids []uint32) string {
	var b strings.Builder
	b.WriteString("'{")
	for i, oid := range oids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(oid), 10))
	}
	b.WriteString("}'::oid[]")
	return b.String()
}
