package cachekey

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/reporting"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/project"
)

// checker analyses one package.
type checker struct {
	pass     *analysis.Pass
	info     *types.Info
	pkg      *types.Package
	config   *tvconfig.Config
	reporter *reporting.Reporter
	// tenant are the names that carry a tenant by the model; like are those that usually do, which
	// is enough to tell tenants apart in a key.
	tenant, like *tenantname.Names

	functions []*function
	byObject  map[*types.Func]*function
	summaries map[*types.Func]*origin // nil while being computed
	wrappers  map[*types.Func]*wraps
	vars      map[types.Object]ast.Expr
	fields    map[*types.Var][]store
	uses      map[*types.Func]bool
	imported  []types.Type // concrete types of other packages with methods that take keys
}

func run(pass *analysis.Pass) (any, error) {
	return reporting.Run(pass, "its cache keys", func(r *reporting.Reporter, config *tvconfig.Config, _ *project.Project) {
		c := &checker{
			pass: pass, info: pass.TypesInfo, pkg: pass.Pkg, config: config, reporter: r,
			tenant: tenantname.Of(config.Model()), like: tenantname.Like(config.Model()),
			byObject: map[*types.Func]*function{}, summaries: map[*types.Func]*origin{}, wrappers: map[*types.Func]*wraps{},
		}
		c.check()
	})
}

func (c *checker) check() {
	c.collect()
	if c.reaches() {
		for _, f := range c.functions {
			c.wraps(f.obj)
			f.judge()
		}
		c.exportWrappers()
	}
	c.exportKeys()
}

// reaches reports whether the package calls a cache, by itself or through another package.
func (c *checker) reaches() bool {
	seen := map[*types.Func]bool{}
	for _, object := range c.info.Uses {
		fn, ok := object.(*types.Func)
		if !ok || seen[fn] {
			continue
		}
		seen[fn] = true
		if _, ok := sinkOf(fn.Origin()); ok {
			return true
		}
		if fn.Pkg() != c.pkg && c.wraps(fn) != nil {
			return true
		}
		if _, ok := byShape(fn); ok {
			return true
		}
	}
	return false
}

// collect finds the functions of the package, and the declarations of variables, whose function
// literals are judged too.
func (c *checker) collect() {
	for _, file := range c.pass.Files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				obj, _ := c.info.Defs[decl.Name].(*types.Func)
				if obj == nil || decl.Body == nil {
					continue
				}
				f := newFunction(c, obj, decl)
				c.functions = append(c.functions, f)
				c.byObject[obj] = f
			case *ast.GenDecl:
				if decl.Tok == token.VAR {
					c.functions = append(c.functions, newFunction(c, nil, decl))
				}
			}
		}
	}
}

// exportKeys makes what functions and variables say of keys into facts, as far as other packages can
// use them.
func (c *checker) exportKeys() {
	for _, f := range c.functions {
		if f.obj == nil || !f.obj.Exported() {
			continue
		}
		if o, ok := c.summary(f.obj); ok && (o.Tenant || o.Params != 0 || len(o.Plain)+len(o.Unique) > 0) {
			c.pass.ExportObjectFact(f.obj, &keyOf{o})
		}
	}
	for v, value := range c.packageVars() {
		if v, ok := v.(*types.Var); ok && v.Exported() && isText(v.Type()) {
			f := newFunction(c, nil, value)
			c.pass.ExportObjectFact(v, &keyOf{f.derivation().expr(value)})
		}
	}
}

// exportWrappers makes the caches of the package's own into facts.
func (c *checker) exportWrappers() {
	for _, f := range c.functions {
		if f.obj == nil || !f.obj.Exported() {
			continue
		}
		if w := c.wraps(f.obj); w != nil {
			c.pass.ExportObjectFact(f.obj, w)
		}
	}
	scope := c.pkg.Scope()
	for _, name := range scope.Names() {
		object, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || object.IsAlias() || !types.IsInterface(object.Type()) {
			continue
		}
		for m := range object.Type().Underlying().(*types.Interface).ExplicitMethods() {
			if w := c.wraps(m); w != nil && m.Pkg() == c.pkg {
				c.pass.ExportObjectFact(m, w)
			}
		}
	}
}

// packageVars are the initial values of the package's variables that are never assigned.
func (c *checker) packageVars() map[types.Object]ast.Expr {
	if c.vars != nil {
		return c.vars
	}
	c.vars = map[types.Object]ast.Expr{}
	for _, file := range c.pass.Files {
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, name := range spec.Names {
					if len(spec.Values) == len(spec.Names) {
						c.vars[c.info.Defs[name]] = spec.Values[i]
					}
				}
			}
		}
	}
	for _, f := range c.functions {
		if f.obj == nil {
			continue
		}
		ast.Inspect(f.node, func(n ast.Node) bool {
			if assign, ok := n.(*ast.AssignStmt); ok {
				for _, l := range assign.Lhs {
					delete(c.vars, f.variable(l))
				}
			}
			return true
		})
	}
	return c.vars
}

// firstParty reports whether a package is of the user's own code, as far as its path tells: facts
// speak for it, and where there is none nothing is known.
func (c *checker) firstParty(pkg *types.Package) bool {
	if pkg == nil {
		return false
	}
	if pkg == c.pkg {
		return true
	}
	if m := c.pass.Module; m != nil && m.Path != "" {
		return pkg.Path() == m.Path || strings.HasPrefix(pkg.Path(), m.Path+"/")
	}
	return root(pkg.Path()) == root(c.pkg.Path())
}

// root returns the part of an import path that names a repository.
func root(importPath string) string {
	parts := strings.SplitN(importPath, "/", 4)
	return path.Join(parts[:min(3, len(parts))]...)
}
