package prove_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/shadow"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// oracleDir holds the cases: schemas with the verdict that real servers gave. TENANTVET_ORACLE names
// another folder.
const oracleDir = "../../shared/oracle/cases"

// beyond are the defects that no attempt of prove is about: the schemas of tenants, who have no setting.
var beyond = map[string]bool{"search-path-falls-back-to-public": true}

// needsMore are the rules whose witnesses need more than one transaction and rows of tenants: a plan kept from
// another tenant, or a tenant that reads what is written for all.
var needsMore = map[string]bool{"policy-volatile-context": true, "search-path-falls-through": true}

// seeded are the cases whose truth rests on something that seed.sql makes, not the schema.
var seeded = map[string]string{"080": "the trigger that stamps the tenant"}

type oracleCase struct {
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	Rule      string            `json:"expected_rule"`
	Truth     map[string]string `json:"truth"`
	VisibleIn string            `json:"visible_in"`
	Advisory  bool              `json:"advisory"`
	Owner     string            `json:"migrate_as"`
	App       string            `json:"app_role"`
}

// TestOracle compares what prove measures with what the cases' own probes measured, and prints where
// they differ. A case whose truth is the same everywhere runs on one version, each on another, unless
// TENANTVET_ORACLE_VERSIONS=all.
func TestOracle(t *testing.T) {
	dir := oracleDir
	if given := os.Getenv("TENANTVET_ORACLE"); given != "" {
		dir = given
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "case.json"))
	require.NoError(t, err)
	if len(paths) == 0 {
		t.Skipf("no oracle cases in %s", dir)
	}
	for _, major := range pgtest.Majors() {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			s := pgtest.Private(t, major)
			missed, wrong, passedOver, all, witnesses, lame := 0, 0, 0, 0, 0, 0
			for i, path := range paths {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				var c oracleCase
				require.NoError(t, json.Unmarshal(text, &c), path)
				truth := c.Truth[fmt.Sprint(major)]
				if i%len(c.Truth) != major%len(c.Truth) && c.settled() && os.Getenv("TENANTVET_ORACLE_VERSIONS") != "all" {
					continue
				}
				if c.VisibleIn == "app-session" || c.Advisory || truth == "ERROR" || seeded[c.ID] != "" {
					continue
				}
				r, err := proveCase(t, s, filepath.Dir(path), c)
				if !assert.NoError(t, err, c.ID) {
					continue
				}
				all++
				for _, tried := range r.Tried {
					witnesses++
					if !tried.Crossed && !needsMore[tried.Rule] {
						lame++
						t.Logf("%s: the witness for %s of %s does not cross: %s\n%s", c.ID, tried.Command, tried.Object, tried.How, tried.Statement)
					}
				}
				switch verdict := r.Verdict(); {
				case beyond[c.Rule] && verdict != prove.Refuted:
					passedOver++
				case truth == "LEAK" && verdict != prove.Refuted:
					missed++
					t.Logf("%s missed: %s (%s)\n%s", c.ID, c.Title, c.Rule, asText(r))
				case truth == "SAFE" && verdict == prove.Refuted:
					wrong++
					t.Logf("%s false alarm: %s\n%s", c.ID, c.Title, asText(r))
				}
			}
			t.Logf("%d cases: %d leaks not refuted, %d isolated refuted, %d leaks of kinds that prove does not try", all, missed, wrong, passedOver)
			t.Logf("%d witnesses of the static verdict, of which %d do not cross", witnesses, lame)
			assert.Zero(t, lame)
			assert.Zero(t, missed)
			assert.Zero(t, wrong)
		})
	}
}

// settled reports whether the truth is the same on every version.
func (c oracleCase) settled() bool {
	for _, truth := range c.Truth {
		if truth != c.Truth["18"] {
			return false
		}
	}
	return true
}

func asText(r *prove.Report) string {
	var b strings.Builder
	_ = r.WriteText(&b)
	return b.String()
}

// proveCase runs prove on roles.sql and schema.sql of a case.
func proveCase(t *testing.T, s *pgtest.Server, dir string, c oracleCase) (*prove.Report, error) {
	t.Helper()
	d, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser), Owner: c.Owner})
	require.NoError(t, err)
	defer func() { assert.NoError(t, d.Close()) }()
	var files []replay.File
	for _, name := range []string{"roles.sql", "schema.sql"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		files = append(files, replay.File{Name: name, Text: string(text), Format: tenancy.Plain})
	}
	if err := d.Apply(t.Context(), files); err != nil {
		return nil, err
	}
	schema, err := d.Read(t.Context(), files)
	require.NoError(t, err)
	db, err := project.Live(dir, project.Options{NoConfig: true, Settings: []string{"app.tenant_id"}, AppRoles: []string{c.App}}, schema)
	require.NoError(t, err)
	claims := prove.Claims(schemacheck.Judge(schema, db.Classes, db.Model), c.App)
	return prove.Run(t.Context(), prove.Database{Session: d.Session, Schema: schema, Classes: db.Classes, Model: db.Model, Role: c.App, Claims: claims})
}
