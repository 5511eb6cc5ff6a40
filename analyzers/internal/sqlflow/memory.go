package sqlflow

import (
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// maxStores bounds the assignments to one variable that are taken as its alternatives.
const maxStores = 8

// maxEmbedded bounds the size of an embedded file that is read.
const maxEmbedded = 1 << 20

// load returns the text at an address.
func (r *resolver) load(addr ssa.Value, v ssa.Value) []Template {
	if r.open[addr] {
		r.partial++
		return hole(codeLoop, v)
	}
	r.open[addr] = true
	defer delete(r.open, addr)
	switch addr := addr.(type) {
	case *ssa.Global:
		return r.global(addr)
	case *ssa.Alloc:
		return r.stores(r.index.storesTo(addr), codeValue, v)
	case *ssa.FreeVar:
		return r.binding(addr, func(bound ssa.Value) []Template { return r.load(bound, v) })
	case *ssa.FieldAddr:
		return r.fieldAt(addr.X, fieldOf(addr.X.Type(), addr.Field), v)
	case *ssa.IndexAddr:
		return r.element(addr, v)
	}
	return hole(codeValue, v)
}

// stores joins the values that are stored, in the order of the code.
func (r *resolver) stores(values []ssa.Value, code string, v ssa.Value) []Template {
	if len(values) == 0 || len(values) > maxStores {
		return hole(code, v)
	}
	sets := make([][]Template, len(values))
	for i, stored := range values {
		sets[i] = r.text(stored)
	}
	return union(sets...)
}

// global returns the text of a package variable that nothing assigns after its initialisation.
func (r *resolver) global(g *ssa.Global) []Template {
	if g.Pkg.Pkg != r.pass.Pkg {
		var fact Constant
		if g.Object() != nil && r.pass.ImportObjectFact(g.Object(), &fact) {
			return fact.Templates
		}
		return hole(codeGlobal, g)
	}
	if known, ok := r.globals[g]; ok {
		return known
	}
	r.globals[g] = hole(codeGlobal, g) // while it is being resolved
	values, constant := r.index.globalStores(g)
	switch {
	case !constant:
	case len(values) == 0:
		r.globals[g] = r.embedded(g)
	default:
		near := r.near
		r.near = g.Pos()
		r.globals[g] = r.stores(values, codeGlobal, g)
		r.near = near
	}
	return r.globals[g]
}

// embedded returns the text of a file that //go:embed puts into a variable. A variable without
// the directive that nothing assigns is empty.
func (r *resolver) embedded(g *ssa.Global) []Template {
	directive := r.literals.embeds[g.Object()]
	if directive == nil {
		return literal("")
	}
	pattern := strings.Trim(strings.TrimSpace(strings.TrimPrefix(directive.Text, "//go:embed ")), "\"`")
	dir := filepath.Dir(r.pass.Fset.Position(directive.Pos()).Filename)
	file := filepath.Join(dir, filepath.FromSlash(pattern))
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxEmbedded {
		return hole(codeGlobal, g)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return hole(codeGlobal, g)
	}
	source := pgast.NewSource(file, string(text))
	return literal(source.Text, Place{Pos: g.Pos(), file: source})
}

// fieldAt returns the text of a field of the struct at an address: what is stored through that very
// address if it is a local variable, else everything that the package stores in the field.
func (r *resolver) fieldAt(base ssa.Value, field *types.Var, v ssa.Value) []Template {
	if field == nil {
		return hole(codeField, v)
	}
	if alloc, ok := base.(*ssa.Alloc); ok {
		if values := r.index.fieldStoresAt(alloc, field); len(values) > 0 {
			return r.stores(values, codeField, v)
		}
	}
	if field.Exported() && field.Pkg() != r.pass.Pkg {
		return hole(codeField, v)
	}
	return r.stores(r.index.fieldStores[field.Origin()], codeField, v)
}

func (r *resolver) field(v *ssa.Field) []Template {
	field := fieldOf(v.X.Type(), v.Field)
	if load, ok := v.X.(*ssa.UnOp); ok && load.Op == token.MUL {
		return r.fieldAt(load.X, field, v)
	}
	return r.fieldAt(nil, field, v)
}

// fieldOf returns the i-th field of the struct behind a type.
func fieldOf(t types.Type, i int) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || i >= s.NumFields() {
		return nil
	}
	return s.Field(i)
}

// element joins the elements of an array or slice whose elements are all written in one literal.
func (r *resolver) element(addr *ssa.IndexAddr, v ssa.Value) []Template {
	return r.stores(r.index.elements(addr.X), codeValue, v)
}

// lookup joins the values of a map that is written as one literal.
func (r *resolver) lookup(v *ssa.Lookup) []Template {
	if _, ok := v.X.Type().Underlying().(*types.Map); !ok {
		return hole(codeValue, v)
	}
	return r.stores(r.index.mapValues(v.X), codeValue, v)
}
