package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module says what the go command sees from a folder.
type module struct{ GOMOD, GOWORK string }

func (m module) found() bool { return m.inModule() || m.workspace() }

func (m module) inModule() bool { return m.GOMOD != "" && m.GOMOD != os.DevNull }

func (m module) workspace() bool { return m.GOWORK != "" && m.GOWORK != "off" }

// patterns returns the patterns for all packages below a folder. The go command's own ./... ends at
// the modules below it, also at those of the workspace.
func (m module) patterns(dir string, workspace []string) []string {
	var all []string
	if m.inModule() || !m.workspace() {
		all = append(all, "./...")
	}
	for _, module := range workspace {
		if name, ok := below(dir, module); ok && name != "." {
			all = append(all, "./"+filepath.ToSlash(name)+"/...")
		}
	}
	return all
}

// closed reports whether those patterns name all packages of the module or workspace.
func (m module) closed(dir string, workspace []string) bool {
	if !m.workspace() {
		return sameDir(dir, filepath.Dir(m.GOMOD))
	}
	return !slices.ContainsFunc(workspace, func(module string) bool {
		_, ok := below(dir, module)
		return !ok
	})
}

// below returns a folder relative to one above it, or the same.
func below(dir, sub string) (string, bool) {
	name, err := filepath.Rel(dir, sub)
	return name, err == nil && name != ".." && !strings.HasPrefix(name, ".."+string(filepath.Separator))
}

// workspaceModules returns the folders of the modules of the workspace.
func workspaceModules(ctx context.Context, dir string) ([]string, error) {
	out, err := goCommand(ctx, dir, "list", "-m", "-f", "{{.Dir}}")
	return strings.Split(strings.TrimSpace(string(out)), "\n"), err
}

func goModule(ctx context.Context, dir string) (module, error) {
	var m module
	out, err := goCommand(ctx, dir, "env", "-json", "GOMOD", "GOWORK")
	if err == nil {
		err = json.Unmarshal(out, &m)
	}
	return m, err
}

func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("go %s: %s", args[0], strings.TrimPrefix(strings.TrimSpace(string(exit.Stderr)), "go: "))
	}
	return out, err
}

// modulesBelow returns the folders with a go.mod in and below a folder, sorted.
func modulesBelow(dir string) []string {
	var found []string
	walk(dir, func(path string) bool {
		if filepath.Base(path) == "go.mod" {
			found = append(found, filepath.Dir(path))
		}
		return true
	})
	slices.Sort(found)
	return found
}

// goFile returns a Go file in or below a folder; "" when there is none.
func goFile(dir string) (found string) {
	walk(dir, func(path string) bool {
		if filepath.Ext(path) == ".go" {
			found = path
		}
		return found == ""
	})
	return found
}

// walk visits the files in and below a folder, as long as visit wants more. Symbolic links are not
// followed, and what the go command would not read is passed over.
func walk(dir string, visit func(path string) bool) {
	// A folder that cannot be read holds nothing that the go command could load.
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case d.IsDir() && path != dir && ignored(d.Name()):
			return filepath.SkipDir
		case !d.IsDir() && !visit(path):
			return filepath.SkipAll
		}
		return nil
	})
}

// ignored reports whether the go command passes over a folder of that name, or the folder holds
// code of others.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
		name == "vendor" || name == "testdata" || name == "node_modules"
}

func sameDir(a, b string) bool {
	a, errA := filepath.EvalSymlinks(a)
	b, errB := filepath.EvalSymlinks(b)
	return errA == nil && errB == nil && a == b
}

// relative writes folders relative to a base, for a message.
func relative(base string, dirs []string) string {
	names := make([]string, len(dirs))
	for i, dir := range dirs {
		names[i] = dir
		if name, err := filepath.Rel(base, dir); err == nil {
			names[i] = name
		}
	}
	return strings.Join(names, ", ")
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
