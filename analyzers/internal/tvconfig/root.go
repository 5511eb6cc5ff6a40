package tvconfig

import (
	"cmp"
	"go/build"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

var (
	mu     sync.Mutex
	loads  = map[string]func() (*project.Project, error){} // by model file or root folder
	pinned *project.Project
)

// Use makes every analyzer of this process judge by the given project instead of looking for the
// one of each package, save for packages with a model file of their own below the project's root. A
// driver that has loaded the project calls it before it runs the analyzers.
func Use(p *project.Project) {
	mu.Lock()
	defer mu.Unlock()
	pinned = p
}

// golangci says that golangci-lint drives the analyzers.
var golangci atomic.Bool

// UseGolangci makes the analyzers of this process leave to golangci-lint what it does itself.
func UseGolangci() { golangci.Store(true) }

// Golangci reports whether UseGolangci was called.
func Golangci() bool { return golangci.Load() }

func projectOf(dir string) (*project.Project, error) {
	file := tenancy.Find(dir)
	mu.Lock()
	if pinned != nil && !below(pinned.Model.Root, file) {
		defer mu.Unlock()
		return pinned, nil
	}
	key := cmp.Or(configFile, file, tenancy.Root(dir))
	load := loads[key]
	if load == nil {
		config := configFile
		load = sync.OnceValues(func() (*project.Project, error) {
			return project.Load(dir, project.Options{Config: config})
		})
		loads[key] = load
	}
	mu.Unlock()
	return load()
}

// below reports whether a model file lies in a folder below a root.
func below(root, file string) bool {
	dir, err := filepath.Rel(root, filepath.Dir(file))
	return file != "" && err == nil && dir != "." && dir != ".." && !strings.HasPrefix(dir, ".."+string(filepath.Separator))
}

func inGoroot(name string) bool {
	root := filepath.ToSlash(build.Default.GOROOT)
	return root != "" && strings.HasPrefix(name, root+"/")
}
