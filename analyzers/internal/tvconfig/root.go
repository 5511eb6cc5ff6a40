package tvconfig

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tenantvet/tenantvet/project"
)

// modelFile is the name of the model file that marks the root of a project.
const modelFile = ".tenantvet.yml"

var (
	mu     sync.Mutex
	roots  = map[string]string{} // by folder
	loads  = map[string]func() (*project.Project, error){}
	pinned *project.Project
)

// Use makes every analyzer of this process judge by the given project instead of looking for the
// one of each package. A driver that has loaded the project calls it before it runs the analyzers.
func Use(p *project.Project) {
	mu.Lock()
	defer mu.Unlock()
	pinned = p
}

func projectOf(dir string) (*project.Project, error) {
	mu.Lock()
	if pinned != nil {
		defer mu.Unlock()
		return pinned, nil
	}
	config := configFile
	root := filepath.Dir(config)
	if config == "" {
		root = rootOf(dir)
	}
	load := loads[root]
	if load == nil {
		load = sync.OnceValues(func() (*project.Project, error) {
			return project.Load(root, project.Options{Config: config})
		})
		loads[root] = load
	}
	mu.Unlock()
	return load()
}

// rootOf returns the folder of the project that a folder belongs to: the nearest one upwards with
// a model file, else the repository's, else the module's. The caller holds mu.
func rootOf(dir string) string {
	if root, ok := roots[dir]; ok {
		return root
	}
	root := above(dir, modelFile)
	if root == "" {
		root = above(dir, ".git")
	}
	if root == "" {
		root = above(dir, "go.mod")
	}
	if root == "" {
		root = dir
	}
	roots[dir] = root
	return root
}

// above returns the nearest folder from dir upwards that has an entry of that name, or "".
func above(dir, name string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func inGoroot(name string) bool {
	root := filepath.ToSlash(build.Default.GOROOT)
	return root != "" && strings.HasPrefix(name, root+"/")
}
