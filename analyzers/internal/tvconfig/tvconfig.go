// Package tvconfig brings the project - tenancy model, databases and query files - to the
// analyzers, and says what in Go code carries a tenant.
package tvconfig

import (
	"flag"
	"go/types"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Analyzer is a pseudo-analyzer: it looks at no code, its result is the *Config of the package.
// Its flags are the settings of all analyzers.
var Analyzer = &analysis.Analyzer{
	Name:       "tenantvet_config",
	Doc:        "find the tenancy model and the schema of the repository a package belongs to",
	Run:        run,
	ResultType: reflect.TypeFor[*Config](),
	Flags:      flags(),
}

// configFile is the path of the model file given by flag.
var configFile string

func flags() flag.FlagSet {
	var set flag.FlagSet
	set.StringVar(&configFile, "config", "",
		"path of the model file; by default "+tenancy.FileName+" is looked for from the package's folder upwards")
	return set
}

// Config is what the analyzers know about one package's repository.
type Config struct {
	// FirstParty is false for packages of the standard library and of other modules, which are
	// not analysed: what matters of them is in a table of models.
	FirstParty bool
	load       func() (*project.Project, error)
}

// Project loads the repository once per process. The error is about a broken model file; every
// package of the repository gets the same one.
func (c *Config) Project() (*project.Project, error) { return c.load() }

// Model is the tenancy model; an empty one when the project cannot be loaded.
func (c *Config) Model() *tenancy.Model {
	if p, err := c.load(); err == nil && p.Model != nil {
		return p.Model
	}
	return &tenancy.Model{}
}

func run(pass *analysis.Pass) (any, error) {
	if !firstParty(pass) {
		return &Config{load: func() (*project.Project, error) { return &project.Project{Model: &tenancy.Model{}}, nil }}, nil
	}
	dir := filepath.Dir(pass.Fset.Position(pass.Files[0].Package).Filename)
	return &Config{FirstParty: true, load: func() (*project.Project, error) { return projectOf(dir) }}, nil
}

// firstParty reports whether the package belongs to the user's own code: it has files that are
// neither of the Go installation nor of a downloaded module.
func firstParty(pass *analysis.Pass) bool {
	if len(pass.Files) == 0 || pass.Module != nil && pass.Module.Version != "" {
		return false
	}
	name := filepath.ToSlash(pass.Fset.Position(pass.Files[0].Package).Filename)
	return !inGoroot(name) && !strings.Contains(name, "/pkg/mod/") && !strings.Contains(name, "/vendor/")
}

// Names are the Go names that carry a tenant.
func (c *Config) Names() *tenantname.Names { return tenantname.Of(c.Model()) }

// IsScoper reports whether the model names a function as setting the tenant on a handle or calling
// back with a scoped one.
func (c *Config) IsScoper(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	for _, s := range c.Model().Go.Scopers {
		if s == fn.Origin().FullName() {
			return true
		}
	}
	return false
}

// CrossTenant returns why the model declares a function, or the whole package with a nil function,
// as deliberately cross-tenant.
func (c *Config) CrossTenant(pkg *types.Package, fn *types.Func) (reason string, ok bool) {
	for _, d := range c.Model().Go.CrossTenant {
		if d.Name == pkg.Path() || fn != nil && d.Name == fn.Origin().FullName() {
			return d.Reason, true
		}
		if prefix, ok := strings.CutSuffix(d.Name, "/..."); ok &&
			(pkg.Path() == prefix || strings.HasPrefix(pkg.Path(), prefix+"/")) {
			return d.Reason, true
		}
	}
	return "", false
}
