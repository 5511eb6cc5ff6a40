package catalog_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
)

// A migration that holds its locks all the while keeps nothing but its own tables from being read.
func TestReadBesideAMigration(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := s.Database(t, `
CREATE TABLE org (id int PRIMARY KEY);
CREATE TABLE note (id int DEFAULT 7, org_id int NOT NULL REFERENCES org CHECK (org_id > 0), body text, short text GENERATED ALWAYS AS (lower(body)) STORED);
CREATE INDEX ON note (lower(body)) WHERE org_id > 3;
CREATE INDEX ON note (body DESC);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON note USING (org_id = 1);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER t BEFORE UPDATE ON note FOR EACH ROW WHEN (new.body IS NOT NULL) EXECUTE FUNCTION f();
CREATE VIEW notes AS SELECT * FROM note;
CREATE FUNCTION counted() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM note; END;
CREATE TABLE other (id int PRIMARY KEY DEFAULT 1);
ALTER TABLE other ENABLE ROW LEVEL SECURITY;
CREATE POLICY q ON other USING (EXISTS (SELECT FROM note WHERE note.id = other.id));
CREATE RULE r AS ON DELETE TO other DO ALSO DELETE FROM note;
CREATE TABLE free (id int PRIMARY KEY);
CREATE POLICY p ON free USING (id = 1);`)
		whole, err := catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
		require.NoError(t, err)
		assert.Empty(t, whole.Skipped)
		migration, err := d.Connect(t, pgtest.Superuser).Begin(t.Context())
		require.NoError(t, err)
		_, err = migration.Exec(t.Context(), "LOCK TABLE note IN ACCESS EXCLUSIVE MODE")
		require.NoError(t, err)

		started := time.Now()
		schema, err := catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
		require.NoError(t, err)
		assert.Less(t, time.Since(started), 10*time.Second)
		said := map[string]string{}
		for _, skipped := range schema.Skipped {
			assert.True(t, skipped.Broken)
			said[skipped.What] = skipped.Reason
		}
		assert.Equal(t, []string{"public.counted", "public.note", "public.notes", "public.other"}, sortedKeys(said))
		assert.Contains(t, said["public.note"], "not audited: locked by another session")
		assert.Contains(t, said["public.other"], "its definition names public.note, which another session has locked")

		note, free := schema.Lookup("", "note"), schema.Lookup("", "free")
		assert.True(t, note.Locked)
		assert.Equal(t, "7", note.Column("id").Default.Text)
		assert.Nil(t, note.Policies[0].Using)
		assert.Len(t, note.Columns, 4)
		assert.False(t, free.Locked)
		assert.Equal(t, "(id = 1)", free.Policies[0].Using.Text)
		for _, f := range schema.Functions {
			assert.NotEqual(t, "counted", f.Name.Name)
		}

		// One that waits for a reader will be served before those that come later.
		require.NoError(t, migration.Rollback(t.Context()))
		reader, err := d.Connect(t, pgtest.Superuser).Begin(t.Context())
		require.NoError(t, err)
		defer reader.Rollback(t.Context())
		_, err = reader.Exec(t.Context(), "SELECT FROM free")
		require.NoError(t, err)
		waiting := d.Connect(t, pgtest.Superuser)
		done := make(chan error, 1)
		go func() {
			_, err := waiting.Exec(t.Context(), "ALTER TABLE free ADD COLUMN late int")
			done <- err
		}()
		watcher := d.Connect(t, pgtest.Superuser)
		require.Eventually(t, func() bool {
			var n int
			require.NoError(t, watcher.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&n))
			return n > 0
		}, 10*time.Second, 10*time.Millisecond)
		schema, err = catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
		require.NoError(t, err)
		assert.True(t, schema.Lookup("", "free").Locked)
		require.NoError(t, reader.Rollback(t.Context()))
		require.NoError(t, <-done)
	})
}

// A lock on a catalog of the system leaves nothing to read; it must not leave the audit waiting.
func TestReadBesideALockedCatalog(t *testing.T) {
	d := pgtest.Private(t, 16).Database(t, "CREATE TABLE mine (id int)")
	conn := d.Connect(t, pgtest.Superuser)
	vacuum, err := d.Connect(t, pgtest.Superuser).Begin(t.Context())
	require.NoError(t, err)
	_, err = vacuum.Exec(t.Context(), "LOCK TABLE pg_policy, pg_attrdef IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	started := time.Now()
	_, err = catalog.Read(t.Context(), conn)
	assert.ErrorContains(t, err, "a catalog of the system is locked, as by VACUUM FULL")
	assert.Less(t, time.Since(started), 10*time.Second)
	require.NoError(t, vacuum.Rollback(t.Context()))
	_, err = catalog.Read(t.Context(), conn)
	assert.NoError(t, err)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
