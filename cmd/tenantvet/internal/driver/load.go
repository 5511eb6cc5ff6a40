package driver

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/tenantvet/tenantvet/finding"
)

// Load loads the packages that the patterns name. Where no Go module is at hand, each module below
// the folder is loaded in its turn. What cannot be loaded is said in the Program's Result; the
// error is the context's.
func Load(ctx context.Context, opts Options) (*Program, error) {
	if len(opts.Patterns) == 0 {
		opts.Patterns = []string{"./..."}
	}
	p := &Program{}
	whole := slices.Equal(opts.Patterns, []string{"./..."})
	here, err := goModule(ctx, opts.Dir)
	var workspace []string
	if err == nil && here.workspace() {
		workspace, err = workspaceModules(ctx, opts.Dir)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		p.skip(opts.Patterns, err)
		return p, nil
	}
	var below []string
	if whole {
		below = modulesBelow(opts.Dir)
		opts.Patterns = here.patterns(opts.Dir, workspace)
	}
	switch {
	case here.found():
		p.load(ctx, opts, whole && here.closed(opts.Dir, workspace))
		p.noteOthers(opts.Dir, below, workspace)
	case len(below) > 0:
		for _, dir := range below {
			module := opts
			module.Dir = dir
			p.load(ctx, module, true)
		}
		p.Result.Notes = append(p.Result.Notes, fmt.Sprintf("no Go module here; analysed the modules below: %s", relative(opts.Dir, below)))
	case whole && goFile(opts.Dir) != "":
		p.Result.Skipped = append(p.Result.Skipped, finding.Skipped{
			Position: finding.Position{File: goFile(opts.Dir)}, What: strings.Join(opts.Patterns, " "), Broken: true,
			Reason: "Go code outside of any Go module, so it was not checked: write a go.mod with go mod init",
		})
	case whole:
		p.Result.Notes = append(p.Result.Notes, "no Go module here: only the schema and the query files were checked")
	default:
		p.skip(opts.Patterns, errors.New("no Go module here or above: run tenantvet where go list works"))
	}
	return p, ctx.Err()
}

// load loads one module's packages; closed says that the patterns name all packages of the module.
func (p *Program) load(ctx context.Context, opts Options, closed bool) {
	config := &packages.Config{
		Context: ctx, Dir: opts.Dir, Tests: opts.Tests,
		Mode:      packages.LoadSyntax | packages.NeedModule | packages.NeedForTest,
		ParseFile: parseFile,
	}
	if opts.Tags != "" {
		config.BuildFlags = []string{"-tags=" + opts.Tags}
	}
	wanted, err := patterns(opts, config, closed)
	if err != nil {
		p.skip(opts.Patterns, err)
		return
	}
	pkgs, err := packages.Load(config, wanted.all...)
	if err != nil {
		p.skip(opts.Patterns, err)
		return
	}
	good, bad := sound(pkgs)
	p.Result.Skipped = append(p.Result.Skipped, bad...)
	prune(good)
	retested := withTests(good)
	for _, pkg := range good {
		if wanted.target(pkg) && !(pkg.ForTest == "" && retested[pkg.PkgPath]) {
			p.targets = append(p.targets, pkg)
		}
	}
	p.noteLeftOut(opts, slices.DeleteFunc(slices.Clone(pkgs), func(pkg *packages.Package) bool { return !wanted.target(pkg) }))
	if len(pkgs) > 0 {
		return
	}
	// Asked for export data, go/packages takes every failure of the go command for a package that does
	// not compile.
	list := slices.Concat([]string{"list", "-e", "-export", "-f", "{{.ImportPath}}"}, config.BuildFlags, wanted.all)
	if _, err := goCommand(ctx, opts.Dir, list...); err != nil {
		p.skip(opts.Patterns, err)
		return
	}
	p.Result.Notes = append(p.Result.Notes, fmt.Sprintf("no Go packages match %s", strings.Join(opts.Patterns, " ")))
}

// parseFile parses as go/packages does, save for the objects of identifiers, which go/types replaced.
func parseFile(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	return parser.ParseFile(fset, name, src, parser.AllErrors|parser.ParseComments|parser.SkipObjectResolution)
}

// want is what to load: the targets, and the packages whose facts they need.
type want struct {
	all     []string
	targets map[string]bool // nil: all
}

func (w want) target(pkg *packages.Package) bool {
	return w.targets == nil || w.targets[pkg.PkgPath] || w.targets[pkg.ForTest]
}

// patterns adds to the patterns the packages of the main modules that they depend on: without them
// the analyzers would not know what a helper in a sibling package does.
func patterns(opts Options, config *packages.Config, closed bool) (want, error) {
	if closed {
		return want{all: opts.Patterns}, nil
	}
	list := *config
	list.Mode = packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedModule | packages.NeedForTest
	roots, err := packages.Load(&list, opts.Patterns...)
	if err != nil {
		return want{}, err
	}
	w := want{all: slices.Clone(opts.Patterns), targets: map[string]bool{}}
	for _, pkg := range roots {
		w.targets[pkg.PkgPath] = true
	}
	packages.Visit(roots, nil, func(pkg *packages.Package) {
		if pkg.Module != nil && pkg.Module.Main && !w.targets[pkg.PkgPath] && pkg.ForTest == "" {
			w.all = append(w.all, pkg.PkgPath)
		}
	})
	return w, nil
}

// skip says that nothing of the patterns could be loaded.
func (p *Program) skip(patterns []string, err error) {
	reason := strings.TrimSpace(err.Error())
	if _, said, ok := strings.Cut(reason, "stderr: "); ok { // as go/packages reports the go command
		reason = strings.TrimPrefix(said, "go: ")
	}
	if errors.Is(err, exec.ErrNotFound) {
		reason = "the go command is not installed, so no Go code was checked"
	}
	p.Result.Skipped = append(p.Result.Skipped, finding.Skipped{What: strings.Join(patterns, " "), Reason: reason, Broken: true})
}

// noteOthers tells of modules below the folder that the go command here does not reach.
func (p *Program) noteOthers(dir string, below, workspace []string) {
	loaded := map[string]bool{}
	for _, pkg := range p.targets {
		if pkg.Module != nil {
			loaded[pkg.Module.Dir] = true
		}
	}
	if len(loaded) > 1 {
		p.Result.Notes = append(p.Result.Notes, fmt.Sprintf("analysed %d modules of the workspace: %s", len(loaded), relative(dir, sortedKeys(loaded))))
	}
	for _, other := range below {
		if other != dir && !loaded[other] && !slices.Contains(workspace, other) {
			name := relative(dir, []string{other})
			p.Result.Skipped = append(p.Result.Skipped, finding.Skipped{
				What: name, Reason: "a Go module of its own, not part of the build here: check it with tenantvet -C " + name,
			})
		}
	}
}

// parsePosition reads "file:line:col", "file:line" or "-", as go/packages writes positions.
func parsePosition(s string) finding.Position {
	if s == "" || s == "-" {
		return finding.Position{}
	}
	var numbers []int
	for len(numbers) < 2 {
		i := strings.LastIndexByte(s, ':')
		if i < 0 {
			break
		}
		n, err := strconv.Atoi(s[i+1:])
		if err != nil {
			break
		}
		s, numbers = s[:i], append(numbers, n)
	}
	at := finding.Position{File: filepath.Clean(s)}
	switch len(numbers) {
	case 1:
		at.Line = numbers[0]
	case 2:
		at.Line, at.Column = numbers[1], numbers[0]
	}
	return at
}
