package driver_test

import (
	"context"
	"go/ast"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/driver"
	"github.com/tenantvet/tenantvet/finding"
)

// marked is a fact about functions whose name begins with Mark.
type marked struct{}

func (*marked) AFact() {}

// newCalls makes an analyzer that notes each call of a marked function, also across packages, and
// that panics in a function named Panic.
func newCalls() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: "calls", Doc: "note calls of marked functions", ResultType: reflect.TypeFor[*finding.Result](),
		FactTypes: []analysis.Fact{(*marked)(nil)},
		Run: func(pass *analysis.Pass) (any, error) {
			result := &finding.Result{}
			for _, file := range pass.Files {
				ast.Inspect(file, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.FuncDecl:
						if n.Name.Name == "Panic" {
							panic("boom")
						}
						if strings.HasPrefix(n.Name.Name, "Mark") {
							pass.ExportObjectFact(pass.TypesInfo.Defs[n.Name], &marked{})
						}
					case *ast.SelectorExpr:
						if obj := pass.TypesInfo.Uses[n.Sel]; obj != nil && pass.ImportObjectFact(obj, &marked{}) {
							result.Notes = append(result.Notes, pass.Pkg.Path()+" calls "+obj.Name())
						}
					}
					return true
				})
			}
			return result, nil
		},
	}
}

// write lays the files of a txtar text into a new folder.
func write(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.Data, 0o644))
	}
	return dir
}

const app = `
-- go.mod --
module example.com/app
go 1.24
-- lib/lib.go --
package lib
func MarkOne() {}
-- lib/lib_test.go --
package lib
-- user/user.go --
package user
import "example.com/app/lib"
func Use() { lib.MarkOne() }
-- user/user_test.go --
package user
import ("testing"; "example.com/app/lib")
func TestUse(t *testing.T) { lib.MarkOne() }
`

// tagged is a package of which nothing is left without a tag.
const tagged = `
-- tagged/tagged.go --
//go:build enterprise
package tagged
import "example.com/app/lib"
func Use() { lib.MarkOne() }
`

func TestAnalyze(t *testing.T) {
	tests := map[string]struct {
		files    string
		dir      string
		options  driver.Options
		packages int
		calls    []string
		notes    []string
		skipped  []string // "what: reason"
	}{
		"all": {files: app, packages: 2, calls: []string{"example.com/app/user calls MarkOne"}},
		"a pattern still has the facts of what it imports": {
			files: app, options: driver.Options{Patterns: []string{"./user"}},
			packages: 1, calls: []string{"example.com/app/user calls MarkOne"},
		},
		"from a folder below the module": {
			files: app, dir: "user", packages: 1, calls: []string{"example.com/app/user calls MarkOne"},
		},
		"tests": {
			files: app, options: driver.Options{Tests: true},
			packages: 2, calls: []string{"example.com/app/user calls MarkOne", "example.com/app/user calls MarkOne"},
		},
		"tags": {
			files: app + tagged, options: driver.Options{Tags: "enterprise"},
			packages: 3, calls: []string{"example.com/app/tagged calls MarkOne", "example.com/app/user calls MarkOne"},
		},
		"left out for want of a tag": {
			files: app + tagged, packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			notes: []string{"1 Go file is left out by build constraints: --tags enterprise reads it too"},
		},
		"left out for several reasons": {
			files: app + tagged + `
-- lib/more.go --
//go:build integration && (linux || !linux) && !free
package lib
-- lib/lib_plan9.go --
package lib
-- lib/generate.go --
//go:build ignore
package main
-- lib/other.go --
//go:build tools
package elsewhere
-- user/it_test.go --
//go:build e2e
package user_test
-- _hidden/a.go --
//go:build secret
package hidden
-- tools/go.mod --
module example.com/tools
-- tools/a.go --
//go:build secret
package tools
`,
			packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			notes:   []string{"3 Go files are left out by build constraints: --tags enterprise,integration reads 2 of them too"},
			skipped: []string{"tools: a Go module of its own"},
		},
		"left out for another platform": {
			files: app + "-- lib/lib_plan9.go --\npackage lib\n-- lib/not.go --\n//go:build !enterprise\npackage lib\n", options: driver.Options{Tags: "enterprise"},
			packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			notes: []string{"2 Go files are left out by build constraints, for other platforms or by a tag that is set"},
		},
		"left out elsewhere": {
			files: app + tagged, options: driver.Options{Patterns: []string{"./user/..."}},
			packages: 1, calls: []string{"example.com/app/user calls MarkOne"},
		},
		"left out of the tests": {
			files: app + "-- user/it_test.go --\n//go:build e2e\npackage user_test\n", options: driver.Options{Tests: true},
			packages: 2, calls: []string{"example.com/app/user calls MarkOne", "example.com/app/user calls MarkOne"},
			notes: []string{"1 Go file is left out by build constraints: --tags e2e reads it too"},
		},
		"a package that does not type-check": {
			files: app + `
-- lib/broken/broken.go --
package broken
func MarkTwo() int { return "" }
-- user/two/two.go --
package two
import "example.com/app/lib/broken"
import "example.com/app/lib"
func Use() { lib.MarkOne(); broken.MarkTwo() }
`,
			packages: 3, calls: []string{"example.com/app/user calls MarkOne", "example.com/app/user/two calls MarkOne"},
			skipped: []string{`example.com/app/lib/broken: cannot use "" (untyped string constant) as int value in return statement`},
		},
		"a package that does not parse": {
			files: app + "-- bad/bad.go --\npackage bad\nfunc {\n", packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			skipped: []string{"example.com/app/bad: expected 'IDENT', found '{'"},
		},
		"an analyzer that panics": {
			files: app + "-- panics/panics.go --\npackage panics\nfunc Panic() {}\n", packages: 3,
			calls:   []string{"example.com/app/user calls MarkOne"},
			skipped: []string{"example.com/app/panics: analyzer calls failed: boom (at driver_test.go:"},
		},
		"a package that does not exist": {
			files: app, options: driver.Options{Patterns: []string{"./nowhere"}},
			skipped: []string{"./nowhere: stat DIR/nowhere: directory not found"},
		},
		"no module": {
			files: "-- schema.sql --\nSELECT 1;\n",
			notes: []string{"no Go module here: only the schema and the query files were checked"},
		},
		"Go code without a module": {
			files:   "-- schema.sql --\nSELECT 1;\n-- cmd/main.go --\npackage main\n",
			skipped: []string{"./...: Go code outside of any Go module, so it was not checked: write a go.mod with go mod init"},
		},
		"an import that no module provides": {
			files:    app + "-- bad/bad.go --\npackage bad\nimport _ \"example.org/nowhere\"\n",
			packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			skipped: []string{"example.com/app/bad: no required module provides package example.org/nowhere; to add it: go get example.org/nowhere"},
		},
		"an import cycle": {
			files:    app + "-- bad/bad.go --\npackage bad\nimport _ \"example.com/app/bad/b\"\n-- bad/b/b.go --\npackage b\nimport _ \"example.com/app/bad\"\n",
			packages: 3, calls: []string{"example.com/app/user calls MarkOne"},
			skipped: []string{"example.com/app/bad: import cycle not allowed: import stack: [example.com/app/bad example.com/app/bad/b example.com/app/bad]"},
		},
		"two packages in a folder": {
			files:    app + "-- bad/a.go --\npackage a\n-- bad/b.go --\npackage b\n",
			packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			skipped: []string{"example.com/app/bad: found packages a (a.go) and b (b.go) in DIR/bad"},
		},
		"no module for a pattern": {
			files: "-- schema.sql --\nSELECT 1;\n", options: driver.Options{Patterns: []string{"./cmd"}},
			skipped: []string{"./cmd: no Go module here or above: run tenantvet where go list works"},
		},
		"no Go files": {
			files: "-- go.mod --\nmodule example.com/empty\ngo 1.24\n",
			notes: []string{"no Go packages match ./..."},
		},
		"modules below a folder that is none": {
			files: `
-- a/go.mod --
module example.com/a
go 1.24
-- a/a.go --
package a
-- b/go.mod --
module example.com/b
go 1.24
-- b/b.go --
package b
-- vendor/x/go.mod --
module example.com/x
-- .git/y/go.mod --
module example.com/y
`,
			packages: 2, notes: []string{"no Go module here; analysed the modules below: a, b"},
		},
		"a module below a module": {
			files:    app + "-- tools/go.mod --\nmodule example.com/tools\ngo 1.24\n-- tools/tools.go --\npackage tools\n",
			packages: 2, calls: []string{"example.com/app/user calls MarkOne"},
			skipped: []string{"tools: a Go module of its own, not part of the build here: check it with tenantvet -C tools"},
		},
		"workspace": {
			files: `
-- go.work --
go 1.24
use (
	./a
	./b
)
-- a/go.mod --
module example.com/a
go 1.24
-- a/a.go --
package a
func MarkA() {}
-- b/go.mod --
module example.com/b
go 1.24
-- b/b.go --
package b
import "example.com/a"
func Use() { a.MarkA() }
`,
			packages: 2, calls: []string{"example.com/b calls MarkA"}, notes: []string{"analysed 2 modules of the workspace: a, b"},
		},
		"broken go.mod": {
			files:   "-- go.mod --\nmodul example.com/app\n-- a.go --\npackage a\n",
			skipped: []string{"./...: errors parsing go.mod"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, tt.files)
			tt.options.Dir = filepath.Join(dir, tt.dir)
			program, err := driver.Load(t.Context(), tt.options)
			require.NoError(t, err)
			notes := program.Result.Notes
			assert.Equal(t, tt.notes, notes)
			program.Result.Notes = nil
			result, err := program.Analyze(t.Context(), []*analysis.Analyzer{newCalls()})
			require.NoError(t, err)
			result.Sort()
			assert.Equal(t, tt.packages, program.Packages())
			assert.ElementsMatch(t, compact(tt.calls), result.Notes)
			var skipped []string
			for _, s := range result.Skipped {
				skipped = append(skipped, strings.ReplaceAll(s.What+": "+s.Reason, dir, "DIR"))
			}
			require.Len(t, skipped, len(tt.skipped), skipped)
			for i, want := range tt.skipped {
				assert.Contains(t, skipped[i], want)
			}
		})
	}
}

// compact drops what Result.Sort drops.
func compact(list []string) []string {
	r := finding.Result{Notes: list}
	r.Sort()
	return r.Notes
}

func TestPositionOfABrokenPackage(t *testing.T) {
	dir := write(t, app+"-- bad/bad.go --\npackage bad\n\nvar x int = \"\"\n")
	program, err := driver.Load(t.Context(), driver.Options{Dir: dir})
	require.NoError(t, err)
	require.Len(t, program.Result.Skipped, 1)
	s := program.Result.Skipped[0]
	assert.True(t, s.Broken)
	assert.Equal(t, finding.Position{File: filepath.Join(dir, "bad", "bad.go"), Line: 3, Column: 13}, s.Position)
}

// Without a build cache the go command lists nothing.
func TestNoBuildCache(t *testing.T) {
	dir := write(t, app)
	t.Setenv("GOPATH", filepath.Join(dir, "gopath"))
	for _, name := range []string{"GOCACHE", "XDG_CACHE_HOME", "HOME", "GOENV"} {
		t.Setenv(name, "")
	}
	program, err := driver.Load(t.Context(), driver.Options{Dir: dir})
	require.NoError(t, err)
	require.Len(t, program.Result.Skipped, 1)
	assert.True(t, program.Result.Skipped[0].Broken)
	assert.Contains(t, program.Result.Skipped[0].Reason, "build cache")
	assert.Empty(t, program.Result.Notes)
}

func TestCyclicSymlink(t *testing.T) {
	dir := write(t, app)
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "lib", "loop")))
	program, err := driver.Load(t.Context(), driver.Options{Dir: dir})
	require.NoError(t, err)
	assert.Equal(t, 2, program.Packages())
	assert.Empty(t, program.Result.Skipped)
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := driver.Load(ctx, driver.Options{Dir: write(t, app)})
	assert.ErrorIs(t, err, context.Canceled)
}
