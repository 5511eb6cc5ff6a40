package tenancy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// found writes a discovery as lines: a line per database with its sources, a line per skipped input.
func found(d *Discovery) []string {
	var lines []string
	list := func(sources []Source) string {
		parts := make([]string, len(sources))
		for i, s := range sources {
			parts[i] = fmt.Sprintf("%s(%s,%d)", s.Glob, s.Format, len(s.Files))
		}
		return strings.Join(parts, " ")
	}
	for _, db := range d.Databases {
		line := db.Name + ": " + list(db.Migrations)
		if len(db.Queries) > 0 {
			line += " | " + list(db.Queries)
		}
		lines = append(lines, line)
	}
	for _, s := range d.Skipped {
		line := "skipped " + s.What + ": " + s.Reason
		if s.Broken {
			line = "broken " + line
		}
		lines = append(lines, line)
	}
	return lines
}

func TestDiscover(t *testing.T) {
	const (
		table  = "CREATE TABLE a (id uuid, x jsonb);\nCREATE TABLE b (id uuid);\nCREATE TABLE c (id uuid);\n"
		goose  = "-- +goose Up\n" + table + "-- +goose Down\nDROP TABLE a;\n"
		query  = "-- name: ListA :many\nSELECT * FROM a;\n"
		other  = "CREATE TABLE x (id bigserial);\nCREATE TABLE y (id bigserial);\n"
		mysql  = "CREATE TABLE `a` (id bigint AUTO_INCREMENT) ENGINE=InnoDB;\n"
		sqlcV2 = "version: \"2\"\nsql:\n  - engine: %s\n    schema: %s\n    queries: %s\n"
	)
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"nothing": {map[string]string{"main.go": ""}, nil},
		"one folder for each convention": {
			map[string]string{
				"goose/1_a.sql": goose, "gm/1_a.up.sql": "CREATE TABLE g1 ();", "gm/1_a.down.sql": "DROP TABLE g1;",
				"sm/1.sql": "-- +migrate Up\nCREATE TABLE s1 ();", "dbmate/1_a.sql": "-- migrate:up\nCREATE TABLE d1 ();",
				"atlas/1_a.sql": "CREATE TABLE at1 ();", "atlas/atlas.sum": "h1:x", "fly/V1__a.sql": "CREATE TABLE f1 ();",
				"tern/001_a.sql": "CREATE TABLE t1 ();\n---- create above / drop below ----\nDROP TABLE t1;", "num/1_a.sql": "CREATE TABLE n1 ();",
				"dump/schema.sql": "--\n-- PostgreSQL database dump\n--\n-- Name: p1; Type: TABLE; Schema: public\nCREATE TABLE p1 ();",
			},
			[]string{
				"atlas: atlas(atlas,1)", "dbmate: dbmate(dbmate,1)", "dump/schema.sql: dump(pg_dump,1)",
				"fly: fly(flyway,1)", "gm: gm(golang-migrate,1)", "goose: goose(goose,1)",
				"num: num(plain,1)", "sm: sm(sql-migrate,1)", "tern: tern(tern,1)",
			},
		},
		"hidden, vendored and test folders": {
			map[string]string{
				".git/x.sql": table, "vendor/x.sql": table, "a/node_modules/x.sql": table, "testdata/x.sql": table, "_old/x.sql": table,
				"tests/x.sql": table, "deploy/init.sql": table,
			},
			[]string{
				"skipped deploy/init.sql (1 SQL file): in a folder named deploy; name it under migrations in .tenantvet.yml if it is part of the schema",
				"skipped tests/x.sql (1 SQL file): in a folder named tests; name it under migrations in .tenantvet.yml if it is part of the schema",
			},
		},
		"a folder with a model file of its own": {
			map[string]string{"svc/" + FileName: "", "svc/m/1_a.sql": table, FileName: "", "m/1_a.sql": goose},
			[]string{"m: m(goose,1)", "skipped svc: has a .tenantvet.yml of its own; run tenantvet there"},
		},
		"sqlc names folder and files": {
			map[string]string{"db/sqlc.yaml": fmt.Sprintf(sqlcV2, "postgresql", "migrations", "[q/one.sql, q/two.sql]"), "db/migrations/1_a.sql": goose, "db/q/one.sql": query, "db/q/two.sql": query, "db/q/three.sql": ""},
			[]string{"db/migrations: db/migrations(goose,1) | db/q/one.sql(sqlc,1) db/q/two.sql(sqlc,1)"},
		},
		"sqlc version 1": {
			map[string]string{"sqlc.json": `{"version": "1", "packages": [{"schema": "s.sql", "queries": "q", "engine": "postgresql"}]}`, "s.sql": table, "q/a.sql": query},
			[]string{"s.sql: s.sql(plain,1) | q(sqlc,1)"},
		},
		"two sqlc entries of one schema": {
			map[string]string{"sqlc.yaml": "sql:\n- {schema: s.sql, queries: q1}\n- {schema: s.sql, queries: q2}\n", "s.sql": table, "q1/a.sql": query, "q2/a.sql": query},
			[]string{"s.sql: s.sql(plain,1) | q1(sqlc,1) q2(sqlc,1)"},
		},
		"sqlc of another engine": {
			map[string]string{"sqlc.yaml": fmt.Sprintf(sqlcV2, "sqlite", "s.sql", "q"), "s.sql": "CREATE TABLE a (id text);", "q/a.sql": query},
			[]string{"skipped q: written for sqlite, not PostgreSQL", "skipped s.sql (1 SQL file): written for sqlite, not PostgreSQL"},
		},
		"broken sqlc configuration": {
			map[string]string{"sqlc.json": "{"},
			[]string{"broken skipped sqlc.json: not a readable sqlc configuration: unexpected end of JSON input"},
		},
		"sqlc names what is not there": {
			map[string]string{"sqlc.yaml": fmt.Sprintf(sqlcV2, "postgresql", "s.sql", "quer"), "s.sql": table, "query/a.sql": query},
			[]string{"s.sql: s.sql(plain,1) | query(sqlc,1)", `skipped quer: named by sqlc, but "quer" matches nothing: did you mean "query"?`},
		},
		"a dump of migrations": {
			map[string]string{"m/1_a.sql": goose, "schema.sql": table},
			[]string{"m: m(goose,1)", "skipped schema.sql (1 SQL file): describes the same tables as m, which is used"},
		},
		"a dump that sqlc names, of migrations in SQL": {
			map[string]string{"m/1_a.sql": goose, "schema.sql": table, "q/a.sql": query, "sqlc.yaml": fmt.Sprintf(sqlcV2, "postgresql", "schema.sql", "q")},
			[]string{"m: m(goose,1) | q(sqlc,1)", "skipped schema.sql (1 SQL file): describes the same tables as m, which is used"},
		},
		"a dump of migrations in SQL and Go": {
			map[string]string{"m/1_a.sql": goose, "m/2_b.go": "", "m/3_c_test.go": "", "schema.sql": table},
			[]string{"schema.sql: schema.sql(plain,1)", "skipped m (1 SQL file): describes the same tables as schema.sql, which is used"},
		},
		"two databases": {
			map[string]string{"a/m/1_a.sql": goose, "b/m/1_x.sql": other, "a/q/q.sql": query, "b/q/q.sql": "-- name: x\nSELECT * FROM x JOIN a USING (id) JOIN y USING (id);\n"},
			[]string{"a/m: a/m(goose,1) | a/q(sqlc,1)", "b/m: b/m(plain,1) | b/q(sqlc,1)"},
		},
		"queries on no known table": {
			map[string]string{"m/1_a.sql": goose, "q/q.sql": "-- name: X :one\nSELECT * FROM elsewhere;\n"},
			[]string{"m: m(goose,1)", "skipped q: its queries read no table of a known schema"},
		},
		"other database systems": {
			map[string]string{"m/1_a.sql": goose, "my/1_a.sql": mysql, "clickhouse/1_a.sql": "CREATE TABLE a (id UUID);", "m/2_b.mysql.sql": "CREATE TABLE z ();", "oracle/1_x.sql": "CREATE TABLE x (y jsonb);", "cockroach/1_x.sql": "CREATE TABLE x (y jsonb);", "m/2_add_mysql_hosts.sql": "CREATE TABLE hosts ();"},
			[]string{"m: m/1_a.sql(goose,1) m/2_add_mysql_hosts.sql(plain,1)", "oracle: oracle(plain,1)", "skipped clickhouse (1 SQL file): written for ClickHouse, not PostgreSQL", "skipped cockroach (1 SQL file): written for CockroachDB, not PostgreSQL", "skipped my (1 SQL file): written for MySQL, not PostgreSQL"},
		},
		"migrations that go on in another folder": {
			map[string]string{"db/1_a.sql": table, "db2/2_b.sql": "ALTER TABLE a ADD COLUMN y int;\nCREATE TABLE d (a_id uuid REFERENCES a);"},
			[]string{"db: db(plain,1) db2(plain,1)"},
		},
		"files without numbers apply in the order of what they need": {
			map[string]string{"db/a.sql": "CREATE TABLE a (c int REFERENCES c, b int REFERENCES b);", "db/b.sql": "CREATE TABLE b ();", "db/c.sql": "CREATE TABLE c (b int REFERENCES b);", "db/d.sql": "CREATE TABLE d ();"},
			[]string{"db: db/b.sql(plain,1) db/c.sql(plain,1) db/a.sql(plain,1) db/d.sql(plain,1)"},
		},
		"a cycle of references ends": {
			map[string]string{"db/a.sql": "CREATE TABLE a (); ALTER TABLE b ADD x int;", "db/b.sql": "CREATE TABLE b (); ALTER TABLE a ADD x int;"},
			[]string{"db: db/b.sql(plain,1) db/a.sql(plain,1)"},
		},
		"one version of a migration for each dialect": {
			map[string]string{
				"m/1_a.up.sql": "CREATE TABLE a ();", "m/1_a.mysql.up.sql": "CREATE TABLE a ();", "m/2_b.up.sql": "CREATE TABLE b ();",
				"m/2_b.postgres.up.sql": "CREATE TABLE b ();", "m/2_b.sqlite3.up.sql": "CREATE TABLE b ();",
			},
			[]string{"m: m/1_a.up.sql(golang-migrate,1) m/2_b.postgres.up.sql(golang-migrate,1)"},
		},
		"seeds do not make a schema": {
			map[string]string{"db/seed.sql": "INSERT INTO a VALUES (1);"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, found(Discover(repository(t, c.files))))
		})
	}
}

// What discovery writes down, the model file must be able to say.
func TestDiscoverExpands(t *testing.T) {
	root := repository(t, map[string]string{
		"m/1_a.sql": "CREATE TABLE a ();", "m/2_b.sql": "ALTER TABLE a ADD b int;", "m/queries.sql": "-- name: A :one\nSELECT * FROM a;\n",
		"prisma/1/migration.sql": "CREATE TABLE p ();", "prisma/2/migration.sql": "CREATE TABLE q ();", "q/a.sql": "-- name: B :one\nSELECT * FROM a;\n",
	})
	d := Discover(root)
	require.Len(t, d.Databases, 2)
	for _, db := range d.Databases {
		for _, s := range append(db.Migrations, db.Queries...) {
			files, err := Expand(root, s.Glob)
			require.NoError(t, err)
			assert.Equal(t, s.Files, files, s.Glob)
		}
	}
}

func TestDiscoverHostileTree(t *testing.T) {
	root := repository(t, map[string]string{"m/1_a.sql": "CREATE TABLE a ();", "m/2_b.sql": "ALTER TABLE a ADD b int; -- \xff\x00"})
	require.NoError(t, os.Symlink(root, filepath.Join(root, "m", "loop")))
	require.NoError(t, os.Symlink("nowhere.sql", filepath.Join(root, "m", "x.sql")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "pipe.sql"), 0o644))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "sqlc.yaml"), 0o644))
	require.NoError(t, os.Truncate(writeFile(t, root, "big.sql", "CREATE TABLE big ();"), MaxSQLFile+1))
	assert.Equal(t, []string{
		"m: m(plain,2)",
		"broken skipped big.sql: cannot be read: " + filepath.Join(root, "big.sql") + ": larger than 32 MB; give a dump of the schema without data (pg_dump --schema-only)",
		"broken skipped m/x.sql: cannot be read: stat " + filepath.Join(root, "m", "x.sql") + ": no such file or directory",
		"broken skipped pipe.sql: cannot be read: " + filepath.Join(root, "pipe.sql") + ": not a regular file",
		"broken skipped sqlc.yaml: " + filepath.Join(root, "sqlc.yaml") + ": not a regular file",
	}, found(Discover(root)))
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestSniff(t *testing.T) {
	f := sniff("x.sql", `
-- create table commented ();
/* create table blocked (); */
CREATE TABLE IF NOT EXISTS public."UserAccounts" (id int REFERENCES other.thing (id));
CREATE UNLOGGED TABLE tmp (s text DEFAULT 'create table quoted ()');
CREATE FUNCTION f() RETURNS void AS $body$ CREATE TABLE inside (); $body$ LANGUAGE sql;
ALTER TABLE IF EXISTS ONLY tmp ADD COLUMN x int;
ALTER TABLE elsewhere ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON guarded USING (true);
UPDATE ONLY changed SET x = 1 FROM ("read") JOIN joined USING (id);
INSERT INTO filled SELECT * FROM $1`)
	assert.Equal(t, map[string]bool{"useraccounts": true, "tmp": true}, f.creates)
	assert.Equal(t, map[string]bool{"thing": true, "elsewhere": true, "guarded": true}, f.alters)
	assert.Equal(t, map[string]bool{"changed": true, "joined": true, "filled": true}, f.uses)
	assert.Equal(t, Plain, f.format)

	for text, foreign := range map[string]bool{
		"CREATE TABLE `a` (b int)":                       true,
		"CREATE TABLE a (b int AUTO_INCREMENT)":          true,
		"CREATE TABLE a (b UInt8) ENGINE = MergeTree":    true,
		"CREATE TABLE a (b text DEFAULT '`')":            false,
		"CREATE TABLE a (b jsonb) -- was AUTO_INCREMENT": false,
	} {
		f := sniff("x.sql", text)
		assert.Equal(t, foreign, f.foreign > f.postgres, text)
	}
}

func FuzzSniff(f *testing.F) {
	for _, seed := range []string{"", "'", "$a$", "$", "/*", "\"", "create", "create table", "alter table if", "create policy", "from a.b.", "--", "`"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) { sniff("x.sql", text) })
}
