package fleet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
)

// Version is which migrations a database, or a tenant's schema, has applied.
type Version struct {
	// Member is the database, or the schema as database/schema, as in Fleet.Drift.
	Member string `json:"member"`
	Tool   string `json:"tool"`
	// Table is the tool's own, with its schema.
	Table string `json:"table"`
	// Newest is the last migration; empty when there is none.
	Newest string `json:"newest"`
	// Failed is the migration that stopped half way.
	Failed string `json:"failed,omitempty"`
	// Digest identifies the applied migrations, which Fleet.Histories lists.
	Digest string `json:"digest"`
}

func (v Version) compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Tool, w.Tool), cmp.Compare(v.Member, w.Member), cmp.Compare(v.Table, w.Table))
}

// migrationTool is how a tool keeps what it has applied.
type migrationTool struct {
	name, table string
	// columns must all be there, which tells tools apart whose tables have one name.
	columns []string
	// query returns version and whether the migration failed, for TABLE.
	query string
}

// migrationTools are looked through in order; the first that fits a table counts.
var migrationTools = []migrationTool{
	// A row is added when a migration is applied and another one, not applied, when it is taken back.
	{"goose", "goose_db_version", []string{"id", "version_id", "is_applied"},
		`SELECT version_id::text, false FROM (SELECT DISTINCT ON (version_id) version_id, is_applied FROM TABLE ORDER BY version_id, id DESC) v
		 WHERE is_applied AND version_id > 0`},
	{"golang-migrate", "schema_migrations", []string{"version", "dirty"}, `SELECT version::text, dirty FROM TABLE`},
	{"dbmate or Rails", "schema_migrations", []string{"version"}, `SELECT version::text, false FROM TABLE`},
	{"sql-migrate", "gorp_migrations", []string{"id"}, `SELECT id::text, false FROM TABLE`},
	{"Atlas", "atlas_schema_revisions", []string{"version", "applied", "total"}, `SELECT version::text, applied < total FROM TABLE WHERE version ~ '^[0-9]'`},
	{"Flyway", "flyway_schema_history", []string{"version", "success"}, `SELECT version::text, NOT success FROM TABLE WHERE version IS NOT NULL`},
	{"Prisma", "_prisma_migrations", []string{"migration_name", "finished_at", "rolled_back_at"},
		`SELECT migration_name::text, finished_at IS NULL FROM TABLE WHERE rolled_back_at IS NULL`},
	{"tern", "schema_version", []string{"version"}, `SELECT version::text, false FROM TABLE`},
}

// toolOf finds the tool that a table belongs to, or nil.
func toolOf(r *pgschema.Relation) *migrationTool {
	for i, tool := range migrationTools {
		if r.IsTable() && r.Name.Name == tool.table &&
			!slices.ContainsFunc(tool.columns, func(column string) bool { return r.Column(column) == nil }) {
			return &migrationTools[i]
		}
	}
	return nil
}

// readVersions reads the version tables of a database. Those that the role may not read are said in the
// result.
func (f *Fleet) readVersions(ctx context.Context, conn *pgx.Conn, database string, schemas []string) error {
	db := f.Databases[0]
	var tables []*pgschema.Relation
	for _, r := range db.Audit.Schema.Sorted() {
		if toolOf(r) != nil {
			tables = append(tables, r)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	tx, err := catalog.Begin(ctx, conn, pgx.ReadCommitted)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // it has written nothing
	readable, err := mayRead(ctx, tx, tables)
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for i, r := range tables {
		if !readable[i] {
			db.Result.Skipped = append(db.Result.Skipped, finding.Skipped{What: r.Name.String(),
				Reason: fmt.Sprintf("role %s may not read which migrations were applied: GRANT SELECT ON %s TO %s;", db.Audit.Role, quoted(r.Name), pgx.Identifier{db.Audit.Role}.Sanitize())})
			continue
		}
		tool := toolOf(r)
		member := database
		if slices.Contains(schemas, r.Schema) {
			member += "/" + r.Schema
		}
		batch.Queue(strings.ReplaceAll(tool.query, "TABLE", quoted(r.Name)) + " " + catalog.Marker).Query(func(rows pgx.Rows) error {
			v := Version{Member: member, Tool: tool.name, Table: r.Name.String()}
			var applied []string
			defer rows.Close()
			for rows.Next() {
				var version string
				var failed bool
				if err := rows.Scan(&version, &failed); err != nil {
					return err
				}
				if failed {
					v.Failed = version
				}
				applied = append(applied, version)
			}
			f.record(v, applied)
			return rows.Err()
		})
	}
	return tx.SendBatch(ctx, batch).Close()
}

func (f *Fleet) record(v Version, applied []string) {
	slices.SortFunc(applied, compareVersions)
	if n := len(applied); n > 0 {
		v.Newest = applied[n-1]
	}
	sum := sha256.Sum256([]byte(strings.Join(applied, "\n")))
	v.Digest = hex.EncodeToString(sum[:16])
	f.Histories[v.Digest] = applied
	f.Versions = append(f.Versions, v)
}

// mayRead asks for each table whether the role may read it.
func mayRead(ctx context.Context, tx pgx.Tx, tables []*pgschema.Relation) ([]bool, error) {
	var schemas, names []string
	for _, r := range tables {
		schemas, names = append(schemas, r.Schema), append(names, r.Name.Name)
	}
	var readable []bool
	err := tx.QueryRow(ctx, `SELECT array_agg(coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false) ORDER BY t.ord)
		FROM unnest($1::text[], $2::text[]) WITH ORDINALITY t(schema, name, ord)
		LEFT JOIN pg_namespace n ON n.nspname = t.schema LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name `+catalog.Marker,
		pgx.QueryExecModeExec, schemas, names).Scan(&readable)
	return readable, err
}

func quoted(n pgschema.Name) string { return pgx.Identifier{n.Schema, n.Name}.Sanitize() }

// compareVersions orders versions by the number they begin with, then as text.
func compareVersions(a, b string) int {
	return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b))
}

// number is the number that a version begins with, such as 20260301 of "20260301_init".
func number(version string) uint64 {
	end := 0
	for end < len(version) && version[end] >= '0' && version[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(version[:end], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
