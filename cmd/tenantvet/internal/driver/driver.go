// Package driver runs analyzers over the Go packages of a repository.
//
// It loads only the packages of the repository's own modules from source and takes the types of
// everything else from export data. The analyzers' facts therefore flow between those packages
// alone; what they must know of other modules and of the standard library, they bring along. That
// makes a run some five times cheaper than one that analyses every dependency.
package driver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/tenantvet/tenantvet/finding"
)

// Options say what to load.
type Options struct {
	// Dir is the folder that patterns are relative to.
	Dir string
	// Patterns are package patterns as the go command takes them; none means ./...
	Patterns []string
	// Tags is a comma-separated list of build tags.
	Tags string
	// Tests says whether to load _test.go files.
	Tests bool
}

// Program is a set of loaded packages.
type Program struct {
	// targets are the packages that the patterns name, without the broken ones.
	targets []*packages.Package
	// Result holds what could not be loaded, and notes on what was.
	Result finding.Result
}

// Packages returns how many packages are to be analysed.
func (p *Program) Packages() int { return len(p.targets) }

// Analyze runs the analyzers and gathers their results, which are of type *finding.Result. Whatever
// goes wrong in a package becomes a Skipped of that package. It returns early, with the context's
// error, when the context ends; the analyzers then still run to their end in the background.
func (p *Program) Analyze(ctx context.Context, analyzers []*analysis.Analyzer) (*finding.Result, error) {
	result := &p.Result
	if len(p.targets) == 0 || len(analyzers) == 0 {
		return result, ctx.Err()
	}
	panics := guard(analyzers)
	var graph *checker.Graph
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		graph, err = checker.Analyze(analyzers, p.targets, nil)
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-done:
	}
	if err != nil {
		return nil, err
	}
	for _, action := range graph.Roots {
		switch r, ok := action.Result.(*finding.Result); {
		case action.Err != nil:
			result.Skipped = append(result.Skipped, finding.Skipped{
				What: action.Package.PkgPath, Reason: fmt.Sprintf("%s: %v", action.Analyzer.Name, action.Err), Broken: true,
			})
		case ok && r != nil:
			result.Add(*r)
		}
	}
	result.Skipped = append(result.Skipped, panics.skipped()...)
	return result, nil
}

// broken turns the errors of a package into a Skipped.
func broken(pkg *packages.Package) finding.Skipped {
	errs := slices.DeleteFunc(slices.Clone(pkg.Errors), repeats)
	if len(errs) == 0 {
		errs = pkg.Errors
	}
	reason := strings.TrimSpace(errs[0].Msg)
	if said := missingImport(pkg, reason); said != "" {
		reason = said
	}
	if more := len(errs) - 1; more > 0 {
		reason += fmt.Sprintf(" (and %d more)", more)
	}
	var at finding.Position
	for i := 0; i < len(errs) && !at.IsValid(); i++ {
		at = parsePosition(errs[i].Pos)
	}
	return finding.Skipped{Position: at, What: pkg.PkgPath, Reason: reason, Broken: true}
}

// repeats reports whether an error is the go command's account of a package that does not compile,
// which says less exactly what the type checker says.
func repeats(e packages.Error) bool {
	return e.Kind == packages.ListError && strings.HasPrefix(e.Msg, "# ")
}

// missingImport returns what the go command says of an import that the type checker could not follow,
// in one line; "" when the error is another.
func missingImport(pkg *packages.Package, reason string) string {
	rest, ok := strings.CutPrefix(reason, "could not import ")
	path, _, _ := strings.Cut(rest, " ")
	imported := pkg.Imports[path]
	if !ok || imported == nil || len(imported.Errors) == 0 {
		return ""
	}
	return strings.Join(strings.Fields(imported.Errors[0].Msg), " ")
}

// prune keeps, of the imports of each package, those that are analysed too, so that facts are asked
// of no other. A package that only depends on a broken one is analysed: what it imports of it has
// types all the same, or it would have errors of its own.
func prune(pkgs []*packages.Package) {
	analysed := map[*packages.Package]bool{}
	for _, pkg := range pkgs {
		analysed[pkg] = true
	}
	for _, pkg := range pkgs {
		pkg.IllTyped = false
		for path, imported := range pkg.Imports {
			if !analysed[imported] {
				delete(pkg.Imports, path)
			}
		}
	}
}

// sound separates the packages that can be analysed from those that cannot.
func sound(pkgs []*packages.Package) (good []*packages.Package, bad []finding.Skipped) {
	for _, pkg := range pkgs {
		switch {
		case len(pkg.Errors) > 0:
			bad = append(bad, broken(pkg))
		case len(pkg.Syntax) > 0 && !strings.HasSuffix(pkg.ID, ".test"):
			good = append(good, pkg)
		}
	}
	return good, bad
}

// withTests returns the paths of the packages that are also there together with their tests. That
// variant holds all files of the package, which itself then only gives facts to others.
func withTests(pkgs []*packages.Package) map[string]bool {
	tested := map[string]bool{}
	for _, pkg := range pkgs {
		if pkg.ForTest == pkg.PkgPath {
			tested[pkg.PkgPath] = true
		}
	}
	return tested
}
