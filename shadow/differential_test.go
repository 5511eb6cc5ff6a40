package shadow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/internal/schemadiff"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/shadow"
	"github.com/tenantvet/tenantvet/tenancy"
)

// The tests of this file hold replay to what a shadow server makes of the same files, applied as
// --shadow does: by an owner who is no superuser, with the same roles.

// TestReplayOfTheDemo compares both on the migrations of the demo, without and with its planted defects.
func TestReplayOfTheDemo(t *testing.T) {
	for _, major := range pgtest.Majors() {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			t.Parallel()
			s := pgtest.Private(t, major)
			for _, dir := range []string{"../testdata/demo", "../testdata/demo/planted"} {
				compareProject(t, s, dir)
			}
		})
	}
}

// TestReplayOfTheOracle compares both on the schemas of the row-security oracle, which lies beside the
// repository on the machines that have it.
func TestReplayOfTheOracle(t *testing.T) {
	cases, err := filepath.Glob("../../shared/oracle/cases/*/case.json")
	require.NoError(t, err)
	if len(cases) == 0 {
		t.Skip("../shared/oracle is not there")
	}
	for _, major := range []int{15, 18} {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			t.Parallel()
			s := pgtest.Private(t, major)
			for _, file := range cases {
				t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { compareCase(t, s, filepath.Dir(file)) })
			}
		})
	}
}

func compareCase(t *testing.T, s *pgtest.Server, dir string) {
	about := struct {
		MigrateAs string `json:"migrate_as"`
		Truth     map[string]string
	}{MigrateAs: "app_owner"}
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &about))
	if truth := about.Truth[fmt.Sprint(s.Major)]; truth == "" || truth == "ERROR" {
		t.Skip("the case needs another version")
	}
	compare(t, s, about.MigrateAs, read(t, tenancy.Source{Files: []string{filepath.Join(dir, "roles.sql"), filepath.Join(dir, "schema.sql")}}))
}

// TestReplayOfFixtures compares both on the fixtures of the rules.
func TestReplayOfFixtures(t *testing.T) {
	fixtures, err := filepath.Glob("../schemacheck/testdata/*/mended.sql")
	require.NoError(t, err)
	require.NotEmpty(t, fixtures)
	s := pgtest.Private(t, 17)
	for _, file := range fixtures {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			compare(t, s, "app_owner", read(t, tenancy.Source{Files: []string{file}}))
		})
	}
}

// TestReplayOfFiles compares both on files that are hard to read: what psql alone understands, line ends of Windows,
// SQL that is put together at run time.
func TestReplayOfFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, major := range []int{15, 18} {
		s := pgtest.Private(t, major)
		for _, file := range files {
			t.Run(fmt.Sprintf("postgres%d/%s", major, filepath.Base(file)), func(t *testing.T) {
				applied := read(t, tenancy.Source{Files: []string{file}})
				require.Nil(t, compareApplied(t, s, "app_owner", applied))
			})
		}
	}
}

// TestReplayOfCheckouts compares both on the migrations that are found in each folder of the one that
// TENANTVET_CHECKOUTS names.
func TestReplayOfCheckouts(t *testing.T) {
	folder := os.Getenv("TENANTVET_CHECKOUTS")
	if folder == "" {
		t.Skip("TENANTVET_CHECKOUTS names no folder with checkouts: make shadow-differential CHECKOUTS=folder")
	}
	checkouts, err := os.ReadDir(folder)
	require.NoError(t, err)
	s := pgtest.Private(t, 18)
	for _, checkout := range checkouts {
		dir, err := filepath.EvalSymlinks(filepath.Join(folder, checkout.Name()))
		require.NoError(t, err)
		t.Run(checkout.Name(), func(t *testing.T) { compareProject(t, s, dir) })
	}
}

// compareProject compares the databases that a folder's tenancy model or discovery finds.
func compareProject(t *testing.T, s *pgtest.Server, dir string) {
	t.Helper()
	p, err := project.Load(dir, project.Options{SkipQueries: true})
	require.NoError(t, err)
	require.NotEmpty(t, p.Databases)
	for _, db := range p.Databases {
		t.Run(db.Name, func(t *testing.T) {
			owner := "tenantvet_owner"
			if roles := db.Model.Roles.Owner; len(roles) > 0 {
				owner = roles[0]
			}
			compare(t, s, owner, read(t, db.Model.Migrations...))
		})
	}
}

func read(t *testing.T, sources ...tenancy.Source) (files []replay.File) {
	t.Helper()
	for _, source := range sources {
		for _, path := range source.Files {
			text, err := tenancy.ReadSQL(path)
			require.NoError(t, err)
			files = append(files, replay.File{Name: path, Text: text, Format: source.Format})
		}
	}
	return files
}

// compare applies files to a shadow database and replays them. A file that the server refuses is left
// out of both, and said so.
func compare(t *testing.T, s *pgtest.Server, owner string, files []replay.File) {
	t.Helper()
	for left := 0; len(files) > 0; left++ {
		refused := compareApplied(t, s, owner, files)
		if refused == nil {
			return
		}
		t.Logf("left out, as the server refuses it: %v", refused)
		files = slices.DeleteFunc(slices.Clone(files), func(f replay.File) bool { return f.Name == refused.File })
	}
}

// compareApplied returns the statement that the server refused, if there is one; then it compared nothing.
func compareApplied(t *testing.T, s *pgtest.Server, owner string, files []replay.File) *shadow.Error {
	t.Helper()
	d, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser), Owner: owner})
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	var refused *shadow.Error
	if err := d.Apply(t.Context(), files); errors.As(err, &refused) {
		return refused
	}
	require.NoError(t, err)
	live, err := d.Read(t.Context(), files)
	require.NoError(t, err)
	require.Empty(t, live.Undecided)
	for _, u := range d.Result.Undecided {
		t.Logf("not compared: %s: %s: %s", u.Position, u.Object, u.Reason)
	}

	replayed := replay.Replay(files, replay.Options{PGVersion: d.Version, Owner: owner})
	for _, u := range replayed.Undecided {
		t.Logf("replay does not know: %s: %s: %s", u.Position, u.Object, u.Reason)
	}
	for _, n := range replayed.Skipped {
		t.Logf("replay refuses: %s: %s: %s", n.Position, n.What, n.Reason)
	}
	for _, u := range d.Result.Undecided {
		forget(replayed, u.Object)
		forget(live, u.Object)
	}
	for _, role := range d.Made() {
		if replayed.Roles[role] == nil {
			delete(live.Roles, role)
		}
	}
	forgetKeysOfUnknown(replayed, live)
	if lines := schemadiff.Between(replayed, live); len(lines) > 0 {
		t.Errorf("replay and server differ:\n%s", strings.Join(lines, "\n"))
	}
	t.Logf("%d files, %d relations, %d functions compared", len(files), len(live.Relations), len(live.Functions))
	return nil
}

// forget takes a relation out of a schema that a shadow server could not make or change.
func forget(s *pgschema.Schema, object string) {
	for name := range s.Relations {
		if name.String() == object || name.Name == object {
			delete(s.Relations, name)
		}
	}
}

// forgetKeysOfUnknown takes the primary key that a foreign key means without naming it out of a live schema where
// replay does not know the table, such as one of the platform's.
func forgetKeysOfUnknown(replayed, live *pgschema.Schema) {
	for name, rel := range replayed.Relations {
		for _, c := range rel.Constraints {
			if c.Kind != pgschema.ForeignKey || replayed.Relations[c.RefTable] != nil || len(c.RefColumns) > 0 || live.Relations[name] == nil {
				continue
			}
			for _, other := range live.Relations[name].Constraints {
				if other.Name == c.Name {
					other.RefColumns = nil
				}
			}
		}
	}
}
