package tenantvet_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"

	"github.com/tenantvet/tenantvet/docs"
	"github.com/tenantvet/tenantvet/finding"
)

const module = "github.com/tenantvet/tenantvet"

// floors are the folders of the project; each imports only from lower floors and from itself.
var floors = map[string]int{
	"docs":          0,
	"finding":       0,
	"tenancy":       1,
	"pgschema":      2,
	"sqlcheck":      3,
	"schemacheck":   4,
	"project":       4,
	"analyzers":     5,
	"livecheck":     5,
	"mend":          5,
	"prove":         5,
	"shadow":        5,
	"report":        6,
	"isolationtest": 6,
	"cmd":           7,
	"plugin":        7,
}

// owners are dependencies that only certain packages may import, so that replacing one is a change
// of one place. Tests are free.
var owners = map[string][]string{
	"github.com/pganalyze/pg_query_go":           {"pgschema/pgast"},
	"github.com/jackc/pgx":                       {"pgschema/catalog", "livecheck", "livecheck/fleet", "prove", "shadow", "shadow/server", "cmd/tenantvet", "cmd/tenantvet/internal/shop", "internal/pgtest", "isolationtest"},
	"github.com/goccy/go-yaml":                   {"tenancy"},
	"github.com/fergusstrange/embedded-postgres": {"shadow/server"},
	"github.com/owenrumney/go-sarif":             {"report"},
	"github.com/fatih/color":                     {"report", "cmd/tenantvet"},
	"github.com/spf13/cobra":                     {"cmd/tenantvet"},
	"github.com/schollz/progressbar":             {"cmd/tenantvet"},
	"github.com/golangci/plugin-module-register": {"plugin"},
}

func TestFloors(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports}, "./...")
	require.NoError(t, err)
	require.NotEmpty(t, pkgs)
	for _, pkg := range pkgs {
		path := within(pkg.PkgPath)
		folder, _, _ := strings.Cut(path, "/")
		floor, known := floors[folder]
		if folder == "testdata" || folder == "internal" || path == "" {
			continue
		}
		assert.True(t, known, "folder %s has no floor: give it one in this test and in ARCHITECTURE.md", folder)
		for imported := range pkg.Imports {
			for dependency, allowed := range owners {
				if imported == dependency || strings.HasPrefix(imported, dependency+"/") {
					assert.Contains(t, allowed, path, "%s imports %s", path, imported)
				}
			}
			if !strings.HasPrefix(imported, module+"/") {
				continue
			}
			other, _, _ := strings.Cut(within(imported), "/")
			assert.NotEqual(t, "internal", other, "%s imports %s, which is for tests", path, within(imported))
			assert.True(t, other == folder || floors[other] < floor, "%s (floor %d) imports %s (floor %d)", path, floor, within(imported), floors[other])
		}
	}
}

func within(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

func TestEveryRuleHasItsPage(t *testing.T) {
	var names []string
	for _, rule := range finding.Rules() {
		names = append(names, rule.Name)
		head := fmt.Sprintf("# %s\n\n%s.\n", rule.Name, sentence(rule.Summary))
		page := docs.Page(rule.Name)
		if assert.NotEmpty(t, page, "docs/rules/%s.md is missing", rule.Name) {
			assert.True(t, strings.HasPrefix(page, head), "docs/rules/%s.md should begin with\n%s", rule.Name, head)
		}
	}
	for _, page := range docs.Pages() {
		assert.Contains(t, names, page, "docs/rules/%s.md is about no rule", page)
	}
}

// sentence writes a summary with a capital at its start.
func sentence(summary string) string { return strings.ToUpper(summary[:1]) + summary[1:] }

var update = flag.Bool("update", false, "write the table of rules in README.md anew")

func TestReadmeListsTheRules(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(readme), "<!-- rules -->\n")
	require.True(t, found, "README.md lacks the line <!-- rules -->")
	table, after, found := strings.Cut(rest, "<!-- /rules -->")
	require.True(t, found, "README.md lacks the line <!-- /rules -->")
	if *update {
		table = ruleTable()
		text := before + "<!-- rules -->\n" + table + "<!-- /rules -->" + after
		require.NoError(t, os.WriteFile("README.md", []byte(text), 0o644))
	}
	assert.Equal(t, ruleTable(), table, "go test . -update writes the table anew")
}

func ruleTable() string {
	var b strings.Builder
	b.WriteString("| rule | severity | what it reports |\n| --- | --- | --- |\n")
	rules := finding.Rules()
	lenses := []finding.Lens{finding.LensSQL, finding.LensSchema, finding.LensGo, finding.LensLive, finding.LensDirective}
	slices.SortStableFunc(rules, func(a, b finding.Rule) int {
		return slices.Index(lenses, a.Lens) - slices.Index(lenses, b.Lens)
	})
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](docs/rules/%s.md) | %s | %s |\n", r.Name, r.Name, r.Severity, r.Summary)
	}
	return b.String()
}
