package tenancy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FileName is the name of the model file.
const FileName = ".tenantvet.yml"

// Find looks for the model file of a folder: in the folder itself and upwards, but not beyond the
// Boundary. It returns "" when there is none.
func Find(dir string) string {
	boundary := Boundary(dir)
	for d := dir; ; d = filepath.Dir(d) {
		path := filepath.Join(d, FileName)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if d == boundary || d == filepath.Dir(d) {
			return ""
		}
	}
}

// Boundary returns the outermost folder that belongs to the same project as a folder: the root of
// the repository, else that of the outermost Go module, else the folder itself. What lies in a
// testdata folder is a project of its own, bounded by its Go module or the testdata folder.
func Boundary(dir string) string {
	module := ""
	for d := dir; ; d = filepath.Dir(d) {
		if exists(d, "go.mod") {
			module = d
		}
		switch {
		case exists(d, ".git"):
			return d
		case filepath.Base(d) == "testdata", d != dir && module == d && within(d, "testdata"):
			if module != "" {
				return module
			}
			return d
		case d == filepath.Dir(d):
			if module != "" {
				return module
			}
			return dir
		}
	}
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// within reports whether a path has a segment of that name.
func within(path, segment string) bool {
	return slices.Contains(strings.Split(filepath.ToSlash(path), "/"), segment)
}
