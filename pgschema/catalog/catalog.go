// Package catalog reads a pgschema.Schema from the system catalogs of a live PostgreSQL server.
package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

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
		r := &reader{
			version:    version,
			locks:      seen,
			relations:  map[uint32]*pgschema.Relation{},
			columns:    map[uint32][]string{},
			extensions: map[member]string{},
			functions:  map[uint32]*pgschema.Function{},
			types:      map[uint32]*pgschema.Type{},
			schema:     pgschema.New(),
			batch:      &pgx.Batch{},

			lockedFunctions: map[uint32]string{},
		}
		r.schema.Namespaces = map[string]*pgschema.Namespace{}
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
	r.queue()
	if err := tx.SendBatch(ctx, r.batch).Close(); err != nil {
		return err
	}
	return r.print(ctx, tx)
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

// reader collects the answers of one batch.
type reader struct {
	version    int
	schema     *pgschema.Schema
	batch      *pgx.Batch
	locks      locks
	relations  map[uint32]*pgschema.Relation // by oid
	columns    map[uint32][]string           // of relations, by attribute number
	extensions map[member]string
	functions  map[uint32]*pgschema.Function
	types      map[uint32]*pgschema.Type
	pending    []pending
	twins      []twin

	lockedFunctions map[uint32]string // names, by oid
}

// queue asks for everything. Objects come before their parts.
func (r *reader) queue() {
	r.ask(`SELECT unnest(current_schemas(false))::text `, func(row pgx.Rows) error {
		var name string
		err := row.Scan(&name)
		r.schema.SearchPath = append(r.schema.SearchPath, name)
		return err
	})
	r.schema.SearchPath = nil
	// The sorts of a large catalog fit in this; compiling and sharing them out costs more than it saves.
	for _, setting := range []string{"work_mem = '32MB'", "jit = off", "max_parallel_workers_per_gather = 0"} {
		r.batch.Queue("SET LOCAL " + setting + " " + Marker)
	}
	// With an empty path the server prints every name with its schema.
	r.batch.Queue(`SET LOCAL search_path = '' ` + Marker)
	r.queueExtensions()
	r.queueNamespaces()
	r.queueTypes()
	r.queueRelations()
	r.queueColumns()
	r.queueConstraints()
	r.queueIndexes()
	r.queuePolicies()
	r.queueTriggers()
	r.queueRules()
	r.queueFunctions()
	r.queueRoles()
	r.queueGrants()
}

// ask queues a query and hands each row of the answer to take.
func (r *reader) ask(query string, take func(pgx.Rows) error) {
	r.batch.Queue(strings.ReplaceAll(query, "USER_SCHEMAS", userSchemas) + " " + Marker).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			if err := take(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// userSchemas is the condition on pg_namespace n that leaves the system out.
const userSchemas = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

// queueExtensions asks which objects belong to an extension.
func (r *reader) queueExtensions() {
	r.ask(`SELECT d.objid, d.classid::regclass::text, e.extname::text FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
		WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'`, func(row pgx.Rows) error {
		var m member
		var extension string
		err := row.Scan(&m.oid, &m.catalog, &extension)
		r.extensions[m] = extension
		return err
	})
}

// member is an object of a catalog, such as "pg_class".
type member struct {
	oid     uint32
	catalog string
}

func (r *reader) queueNamespaces() {
	r.ask(`SELECT n.nspname::text, pg_get_userbyid(n.nspowner)::text FROM pg_namespace n WHERE USER_SCHEMAS`, func(row pgx.Rows) error {
		ns := &pgschema.Namespace{}
		err := row.Scan(&ns.Name, &ns.Owner)
		r.schema.Namespaces[ns.Name] = ns
		return err
	})
}

func (r *reader) queueTypes() {
	r.ask(`SELECT t.oid, n.nspname::text, t.typname::text, t.typtype::text, pg_get_userbyid(t.typowner)::text,
			CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE '' END,
			ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
		WHERE USER_SCHEMAS AND t.typtype IN ('e', 'd', 'c', 'r')
		AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))`, func(row pgx.Rows) error {
		var oid uint32
		var kind string
		t := &pgschema.Type{}
		if err := row.Scan(&oid, &t.Schema, &t.Name.Name, &kind, &t.Owner, &t.Base, &t.Labels); err != nil {
			return err
		}
		if r.extensions[member{oid, "pg_type"}] != "" {
			return nil
		}
		t.Kind = kind[0]
		r.types[oid] = t
		r.schema.Types[t.Name] = t
		return nil
	})
	r.ask(`SELECT t.oid, a.attname::text, format_type(a.atttypid, a.atttypmod)
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
		JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE USER_SCHEMAS ORDER BY t.oid, a.attnum`, func(row pgx.Rows) error {
		var oid uint32
		c := &pgschema.Column{}
		if err := row.Scan(&oid, &c.Name, &c.Type); err != nil {
			return err
		}
		if t := r.types[oid]; t != nil {
			t.Attributes = append(t.Attributes, c)
		}
		return nil
	})
}
