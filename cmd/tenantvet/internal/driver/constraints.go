package driver

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// leftOut are Go files that build constraints keep out of the packages.
type leftOut struct {
	files int
	// tagged are those that tags would include, and tags the tags of all of them.
	tagged int
	tags   map[string]bool
}

// noteLeftOut says how many files of the packages were not read because of build constraints. Those of tests count only
// where tests are read, and a package of which nothing is left counts where the patterns name whole trees.
func (p *Program) noteLeftOut(opts Options, pkgs []*packages.Package) {
	out := leftOut{tags: map[string]bool{}}
	names, seen := map[string]string{}, map[string]bool{} // of packages by their folder; files
	take := func(path, name string) {
		if !seen[path] && (opts.Tests || !strings.HasSuffix(path, "_test.go")) {
			seen[path] = true
			out.take(path, name, opts.Tags)
		}
	}
	for _, pkg := range pkgs {
		for _, file := range pkg.GoFiles {
			names[realDir(file)] = strings.TrimSuffix(pkg.Name, "_test")
		}
	}
	for _, pkg := range pkgs {
		for _, file := range pkg.IgnoredFiles {
			take(filepath.Join(realDir(file), filepath.Base(file)), names[realDir(file)])
		}
	}
	for _, tree := range trees(opts) {
		for _, file := range filesBelow(tree) {
			if _, loaded := names[filepath.Dir(file)]; !loaded {
				take(file, "")
			}
		}
	}
	if note := out.note(); note != "" {
		p.Result.Notes = append(p.Result.Notes, note)
	}
}

// trees returns the folders whose packages, at any depth, the patterns name.
func trees(opts Options) []string {
	var dirs []string
	for _, pattern := range opts.Patterns {
		if tree, ok := strings.CutSuffix(pattern, "/..."); ok && (tree == "." || strings.HasPrefix(tree, "./")) {
			dirs = append(dirs, realDir(filepath.Join(opts.Dir, filepath.FromSlash(tree), "any.go")))
		}
	}
	return dirs
}

// realDir returns the folder of a file by its one absolute name, without symbolic links.
func realDir(file string) string {
	dir := filepath.Dir(file)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	return dir
}

// filesBelow returns the Go files in and below a folder, those of modules below it aside.
func filesBelow(dir string) []string {
	var files []string
	others := map[string]bool{}
	for _, module := range modulesBelow(dir) {
		others[module] = module != dir
	}
	walk(dir, func(path string) bool {
		if filepath.Ext(path) == ".go" && !strings.HasPrefix(filepath.Base(path), "_") && !strings.HasPrefix(filepath.Base(path), ".") {
			files = append(files, path)
		}
		return true
	})
	return slices.DeleteFunc(files, func(file string) bool {
		for at := filepath.Dir(file); at != dir && len(at) > len(dir); at = filepath.Dir(at) {
			if others[at] {
				return true
			}
		}
		return false
	})
}

// take counts a file that is left out of the package of a name, of any package if that is empty. A file of another
// package, or under the tag ignore, belongs to no build (go help buildconstraint).
func (o *leftOut) take(path, name, given string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil || name != "" && strings.TrimSuffix(file.Name.Name, "_test") != name {
		return
	}
	context := build.Default
	if given != "" {
		context.BuildTags = strings.Split(given, ",")
	}
	dir, base := filepath.Split(path)
	matches := func(tags []string) bool {
		with := context
		with.BuildTags = slices.Concat(context.BuildTags, tags)
		ok, err := with.MatchFile(dir, base)
		return ok && err == nil
	}
	wanted := tagsOf(file)
	if slices.Contains(wanted, "ignore") || matches(nil) { // the latter for a package that nothing names
		return
	}
	o.files++
	wanted = slices.DeleteFunc(wanted, isToolchains)
	if !matches(wanted) {
		return
	}
	o.tagged++
	for i := 0; i < len(wanted); { // the fewest that will do
		rest := slices.Delete(slices.Clone(wanted), i, i+1)
		if matches(rest) {
			wanted = rest
			continue
		}
		i++
	}
	for _, tag := range wanted {
		o.tags[tag] = true
	}
}

// tagsOf returns the tags that the build constraint of a file asks for.
func tagsOf(file *ast.File) []string {
	tags := map[string]bool{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if group.Pos() > file.Package || !constraint.IsGoBuild(comment.Text) {
				continue
			}
			if expr, err := constraint.Parse(comment.Text); err == nil {
				asked(expr, true, tags)
			}
		}
	}
	return slices.Sorted(maps.Keys(tags))
}

// asked adds the tags that an expression asks for, rather than for their absence.
func asked(expr constraint.Expr, positive bool, tags map[string]bool) {
	switch expr := expr.(type) {
	case *constraint.TagExpr:
		if positive {
			tags[expr.Tag] = true
		}
	case *constraint.NotExpr:
		asked(expr.X, !positive, tags)
	case *constraint.AndExpr:
		asked(expr.X, positive, tags)
		asked(expr.Y, positive, tags)
	case *constraint.OrExpr:
		asked(expr.X, positive, tags)
		asked(expr.Y, positive, tags)
	}
}

// isToolchains reports whether a tag is set by the go command for the platform, the compiler and its release, rather
// than by the user.
func isToolchains(tag string) bool {
	if slices.Contains([]string{"unix", "cgo", "gc", "gccgo", "race", "msan", "asan", build.Default.GOOS, build.Default.GOARCH}, tag) || strings.HasPrefix(tag, "go1.") {
		return true
	}
	// A name of another system or processor keeps a file out as its suffix.
	context := build.Default
	context.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte("package p\n"))), nil }
	ok, err := context.MatchFile("", "p_"+tag+".go")
	return err == nil && !ok
}

// note says what is left out, "" where that is nothing.
func (o *leftOut) note() string {
	if o.files == 0 {
		return ""
	}
	note, them := fmt.Sprintf("%d Go files are left out by build constraints", o.files), "them"
	if o.files == 1 {
		note, them = "1 Go file is left out by build constraints", "it"
	}
	tags := strings.Join(sortedKeys(o.tags), ",")
	switch {
	case o.tagged == 0:
		return note + ", for other platforms or by a tag that is set"
	case o.tagged == o.files:
		return note + ": --tags " + tags + " reads " + them + " too"
	}
	return note + fmt.Sprintf(": --tags %s reads %d of them too", tags, o.tagged)
}
