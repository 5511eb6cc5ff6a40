package cachekey

import (
	"go/ast"
	"go/types"
)

// evidence is what shows that the value behind a key belongs to one tenant.
type evidence struct {
	// loads is the tenant that the value is loaded or made with.
	loads string
	// holds is the tenant field of the value's type, and of which type.
	holds, holdsIn string
	// itself says that the value is the tenant, whose id is the tenant's.
	itself bool
	// scope is a tenant that the surrounding function has at hand.
	scope string
	// typed says that the value's type is known, so that holds tells whether it is tenant data.
	typed bool
}

func (e *evidence) merge(other evidence) {
	if e.loads == "" {
		e.loads = other.loads
	}
	if e.holds == "" {
		e.holds, e.holdsIn = other.holds, other.holdsIn
	}
	if e.scope == "" {
		e.scope = other.scope
	}
	e.typed = e.typed || other.typed
}

func (f *function) evidenceOf(k *keyed) evidence {
	e := evidence{typed: k.typed}
	f.typeEvidence(&e, k, f.info.TypeOf(k.call))
	for _, arg := range k.values {
		t := f.info.TypeOf(arg)
		if t == nil || isContext(t) {
			continue
		}
		if sig, ok := t.Underlying().(*types.Signature); ok {
			f.typeEvidence(&e, k, sig.Results())
		} else {
			f.typeEvidence(&e, k, t)
		}
		if e.loads == "" {
			e.loads = f.loadsWith(arg, k.keys)
		}
	}
	e.scope, _ = f.tenantIn(f.node)
	return e
}

// typeEvidence looks at a type that may be that of the cached value.
func (f *function) typeEvidence(e *evidence, k *keyed, t types.Type) {
	if tuple, ok := t.(*types.Tuple); ok {
		for v := range tuple.Variables() {
			f.typeEvidence(e, k, v.Type())
		}
		return
	}
	if t == nil {
		return
	}
	t = element(t)
	if b, ok := t.(*types.Basic); ok && b.Info()&(types.IsNumeric|types.IsBoolean) != 0 && b.Kind() != types.Byte {
		e.typed = true // a number or a flag is nobody's row
		return
	}
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil || types.IsInterface(named) {
		return
	}
	switch pkg := named.Obj().Pkg(); {
	case pkg.Path() == "time", pkg == k.fn.Pkg() && !f.firstParty(pkg):
		return // what the library hands the value over in
	}
	e.typed = true
	e.itself = e.itself || f.like.MatchType(named)
	if field, ok := f.tenant.Field(t); ok && e.holds == "" {
		e.holds, e.holdsIn = field, types.TypeString(named, types.RelativeTo(f.pkg))
	}
}

// element goes through pointers, slices and maps to the type of what they hold.
func element(t types.Type) types.Type {
	for range 4 {
		switch u := types.Unalias(t).(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Slice:
			t = u.Elem()
		case *types.Map:
			t = u.Elem()
		default:
			return types.Unalias(t)
		}
	}
	return types.Unalias(t)
}

// loadsWith returns the tenant that a loader uses or that a value depends on, or "". What a loader
// finds in the value it has loaded is not meant: that says no more than the value's type. Nor is
// what a value owes to the key: the key would tell it apart.
func (f *function) loadsWith(arg ast.Expr, keys []ast.Expr) string {
	arg = ast.Unparen(arg)
	if v := f.variable(arg); v != nil {
		for _, def := range f.assigned(v) {
			if _, ok := ast.Unparen(def.value).(*ast.FuncLit); ok {
				arg = ast.Unparen(def.value)
			}
		}
	}
	if lit, ok := arg.(*ast.FuncLit); ok {
		for _, name := range f.tenantsIn(lit.Body) {
			if v := rootOf(name); v == nil || !within(f.info.ObjectOf(v), lit) {
				return text(name)
			}
		}
		return ""
	}
	if name, ok := f.tenantIn(arg); ok {
		return name
	}
	found := ""
	f.variablesIn(arg, keys, func(v *types.Var) {
		for _, def := range f.assigned(v) {
			if found == "" {
				found, _ = f.tenantIn(def.value)
			}
		}
	})
	return found
}

// rootOf returns the variable that a chain of selectors begins with, or nil.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func within(object types.Object, n ast.Node) bool {
	return object != nil && n.Pos() <= object.Pos() && object.Pos() < n.End()
}
