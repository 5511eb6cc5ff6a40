package schemacheck_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// A rule's fixture is the folder testdata/<rule>: clean.sql gives no finding of the rule, broken.sql
// those that its `-- want` comments name, and broken.sql followed by mended.sql none again. The SQL
// that a finding proposes must mend it as well.

// prelude makes the roles of every fixture; its files then run as app_owner.
const prelude = `CREATE ROLE app_owner LOGIN;
CREATE ROLE app_user LOGIN;
GRANT USAGE, CREATE ON SCHEMA public TO app_owner;
`

// nextMigration is the line that divides a fixture into several files.
const nextMigration = "-- next migration\n"

// fixture is one SQL file with the model its first line sets: "-- model: key=value …".
type fixture struct {
	name, text string
	model      tenancy.Model
	format     tenancy.Format
	// superuser runs the file as the superuser instead of app_owner.
	superuser bool
	// needs is the oldest major version that accepts the file's syntax.
	needs int
}

// fixtureModel is the model of a fixture that sets nothing.
func fixtureModel() tenancy.Model {
	return tenancy.Model{
		File: ".tenantvet.yml", Pattern: tenancy.SharedSchema, Enforcement: tenancy.EnforceRLS,
		Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, PGVersion: 16,
		Roles: tenancy.Roles{App: []string{"app_user"}, Owner: []string{"app_owner"}},
	}
}

func readFixture(t *testing.T, path string) fixture {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	f := fixture{name: path, text: string(text), format: tenancy.Plain, model: fixtureModel()}
	line, _, _ := strings.Cut(f.text, "\n")
	settings, ok := strings.CutPrefix(line, "-- model: ")
	if !ok {
		return f
	}
	for _, setting := range strings.Fields(settings) {
		key, value, _ := strings.Cut(setting, "=")
		var list []string
		if value != "" {
			list = strings.Split(value, ",")
		}
		switch key {
		case "file":
			f.model.File = value
		case "enforcement":
			f.model.Enforcement = tenancy.Enforcement(value)
		case "inferred":
			f.model.Inferred = list
		case "columns":
			f.model.Columns = list
		case "settings":
			f.model.Settings = list
		case "app":
			f.model.Roles.App = list
		case "owner":
			f.model.Roles.Owner = list
		case "registry":
			f.model.Registry = value
		case "version":
			f.model.PGVersion, err = strconv.Atoi(value)
			require.NoError(t, err)
		case "needs":
			f.needs, err = strconv.Atoi(value)
			require.NoError(t, err)
		case "format":
			f.format = tenancy.Format(value)
		case "pattern":
			f.model.Pattern = tenancy.Pattern(value)
		case "superuser":
			f.superuser = true
		default:
			t.Fatalf("%s: unknown model key %q", path, key)
		}
	}
	return f
}

// check replays files under the model of the first and runs the rules.
func (f fixture) check(t *testing.T, more ...fixture) finding.Result {
	t.Helper()
	runAs := "SET ROLE app_owner;"
	if f.superuser {
		runAs = ""
	}
	files := []replay.File{{Name: "prelude.sql", Text: prelude, Format: tenancy.Plain}}
	for _, part := range append([]fixture{f}, more...) {
		line := 0
		for i, text := range strings.SplitAfter(part.text, nextMigration) {
			// The role is set on the first line, so that line numbers stay those of the file.
			if text = strings.Repeat("\n", line) + text; part.format == tenancy.Plain || part.format == tenancy.Auto {
				text = runAs + text
			}
			files = append(files, replay.File{Name: part.name + strings.Repeat("+", i), Text: text, Format: part.format})
			line = strings.Count(text, "\n")
		}
	}
	schema := replay.Replay(files, replay.Options{PGVersion: f.model.PGVersion, Owner: "postgres"})
	for _, s := range schema.Skipped {
		t.Errorf("%s: %s: %s", s.Position, s.What, s.Reason)
	}
	return schemacheck.Check(schema, classify.Of(schema, &f.model), &f.model)
}

// of keeps the findings of one rule.
func of(result finding.Result, rule string) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(result.Findings), func(f finding.Finding) bool { return f.Rule != rule })
}

var wantComment = regexp.MustCompile(`-- want ([a-z-]+) "((?:[^"\\]|\\.)*)"`)

// assertWants matches the findings of a rule with the want comments of a fixture, line by line.
func assertWants(t *testing.T, f fixture, rule string, findings []finding.Finding) {
	t.Helper()
	for number, line := range strings.Split(f.text, "\n") {
		for _, want := range wantComment.FindAllStringSubmatch(line, -1) {
			assert.Equal(t, rule, want[1], "%s:%d: a fixture wants findings of its own rule", f.name, number+1)
			i := slices.IndexFunc(findings, func(got finding.Finding) bool {
				return got.Line == number+1 && regexp.MustCompile(want[2]).MatchString(got.Message)
			})
			if i < 0 {
				t.Errorf("%s:%d: no finding %s matches %q", f.name, number+1, want[1], want[2])
				continue
			}
			findings = slices.Delete(slices.Clone(findings), i, i+1)
		}
	}
	for _, got := range findings {
		t.Errorf("%s: unexpected finding: %s", got.Position, got.Message)
	}
}

func schemaRules() []finding.Rule {
	return slices.DeleteFunc(finding.Rules(), func(r finding.Rule) bool { return r.Lens != finding.LensSchema })
}

func TestRules(t *testing.T) {
	implemented := schemacheck.Implemented()
	for _, rule := range schemaRules() {
		t.Run(rule.Name, func(t *testing.T) {
			assert.Contains(t, implemented, rule.Name, "the rule has no implementation")
			assert.FileExists(t, filepath.Join("..", "docs", "rules", rule.Name+".md"))
			folder := filepath.Join("testdata", rule.Name)
			if !assert.DirExists(t, folder, "the rule has no fixture") {
				return
			}

			clean := readFixture(t, filepath.Join(folder, "clean.sql"))
			assertWants(t, clean, rule.Name, of(clean.check(t), rule.Name))

			broken := readFixture(t, filepath.Join(folder, "broken.sql"))
			found := of(broken.check(t), rule.Name)
			require.NotEmpty(t, found, "broken.sql gives no finding")
			assertWants(t, broken, rule.Name, found)

			mended := readFixture(t, filepath.Join(folder, "mended.sql"))
			assertWants(t, mended, rule.Name, of(broken.check(t, mended), rule.Name))

			for _, f := range found {
				assertComplete(t, f)
				if f.Fix != nil && strings.HasSuffix(f.Fix.Code, ";") {
					assertMends(t, broken, f)
				}
			}
		})
	}
	for _, name := range implemented {
		r, ok := finding.Lookup(name)
		assert.True(t, ok && r.Lens == finding.LensSchema, "%s is not in the catalogue", name)
	}
}

// assertComplete wants all that a reader needs of a finding.
func assertComplete(t *testing.T, f finding.Finding) {
	t.Helper()
	assert.True(t, f.IsValid(), "%s: no position", f.Message)
	assert.NotEmpty(t, f.Message)
	if f.Severity > finding.Info {
		assert.NotEmpty(t, f.Object, f.Message)
		assert.NotNil(t, f.Fix, f.Message)
	}
}

// assertMends applies the proposed SQL and wants the finding gone.
func assertMends(t *testing.T, broken fixture, f finding.Finding) {
	t.Helper()
	result := broken.check(t, fixture{name: "fix.sql", text: "\n" + f.Fix.Code})
	for _, left := range of(result, f.Rule) {
		assert.False(t, left.Object == f.Object && left.Position == f.Position, "%s: the fix does not mend %q:\n%s", f.Position, f.Message, f.Fix.Code)
	}
}
