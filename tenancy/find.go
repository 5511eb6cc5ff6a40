package tenancy

import (
	"os"
	"path/filepath"
)

// FileName is the name of the model file. The spelling .tenantvet.yaml is found too.
const FileName = ".tenantvet.yml"

var fileNames = []string{FileName, ".tenantvet.yaml"}

// Find looks for the model file of a folder: in the folder itself and upwards to the root of the
// repository, or of the file system when there is no repository. What lies in a testdata folder is
// a project of its own. It returns "" when there is no file.
func Find(dir string) string {
	for d := dir; ; d = filepath.Dir(d) {
		for _, name := range fileNames {
			if exists(d, name) {
				return filepath.Join(d, name)
			}
		}
		if d == filepath.Dir(d) || exists(d, ".git") || filepath.Base(d) == "testdata" {
			return ""
		}
	}
}

// Root returns the folder whose SQL belongs to a folder without a model file: the root of the
// repository, else that of the outermost Go module, else the folder itself. In a testdata folder only
// Go modules inside it count.
func Root(dir string) string {
	root := dir
	for d := dir; ; d = filepath.Dir(d) {
		switch {
		case filepath.Base(d) == "testdata":
			return root
		case exists(d, ".git"):
			return d
		case exists(d, "go.mod"):
			root = d
		}
		if d == filepath.Dir(d) {
			return root
		}
	}
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}
