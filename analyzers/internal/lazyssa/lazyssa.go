// Package lazyssa builds the SSA form of a package on the first demand. Most packages never reach a
// sink, and building their SSA would be most of the cost of a run.
//
// It does not use x/tools' buildssa: that requires ctrlflow, whose facts make every driver analyse
// all dependencies from source.
package lazyssa

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/finding"
)

// Analyzer looks at no code; its result is a *Builder of the package.
var Analyzer = &analysis.Analyzer{
	Name:       "tenantvet_ssa",
	Doc:        "build SSA form on demand",
	Run:        func(pass *analysis.Pass) (any, error) { return &Builder{pass: pass}, nil },
	ResultType: reflect.TypeFor[*Builder](),
}

// Builder builds the SSA form of one package, once.
type Builder struct {
	pass    *analysis.Pass
	once    sync.Once
	program *Program
	skipped *finding.Skipped
}

// Program is the SSA form of one package.
type Program struct {
	Pkg *ssa.Package
	// Funcs are all functions with source in the package, each followed by its literals, in order
	// of source. Generic functions are present in their generic form.
	Funcs []*ssa.Function
}

// Build returns the program, or says why the package could not be built.
func (b *Builder) Build() (*Program, *finding.Skipped) {
	b.once.Do(func() {
		defer func() {
			if r := recover(); r != nil {
				b.skipped = &finding.Skipped{What: b.pass.Pkg.Path(), Broken: true,
					Reason: fmt.Sprintf("its SSA form could not be built: %v", r)}
			}
			b.pass = nil
		}()
		b.program = build(b.pass)
	})
	return b.program, b.skipped
}

func build(pass *analysis.Pass) *Program {
	// Without InstantiateGenerics a call of a generic function leads to its one generic body.
	prog := ssa.NewProgram(pass.Fset, ssa.BuilderMode(0))
	for _, p := range pass.Pkg.Imports() {
		prog.CreatePackage(p, nil, nil, true)
	}
	pkg := prog.CreatePackage(pass.Pkg, pass.Files, pass.TypesInfo, false)
	pkg.Build()

	p := &Program{Pkg: pkg}
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			obj, _ := pass.TypesInfo.Defs[decl.Name].(*types.Func)
			if fn := prog.FuncValue(obj); fn != nil {
				p.add(fn)
			}
		}
	}
	// Function literals in initialisers of package variables.
	for _, anon := range pkg.Func("init").AnonFuncs {
		p.add(anon)
	}
	return p
}

func (p *Program) add(fn *ssa.Function) {
	p.Funcs = append(p.Funcs, fn)
	for _, anon := range fn.AnonFuncs {
		p.add(anon)
	}
}
