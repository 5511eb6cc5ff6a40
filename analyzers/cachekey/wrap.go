package cachekey

import (
	"fmt"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// keyed is a call that takes cache keys, in a known cache or a wrapper of one.
type keyed struct {
	call *ast.CallExpr
	fn   *types.Func
	// keys are the arguments that are keys, or that a key is made of.
	keys   []ast.Expr
	origin origin
	use    use
	// values are the arguments that the cached value depends on.
	values []ast.Expr
	// typed says that a wrapper has shown the type of the value, which is no tenant data.
	typed bool
	// target and at say which call of a cache the key reaches; at is empty for a direct one.
	target, at string
}

// keyedCalls returns the calls in the function that take cache keys.
func (f *function) keyedCalls() []keyed {
	var calls []keyed
	ast.Inspect(f.node, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fn, ok := typeutil.Callee(f.info, call).(*types.Func)
		if !ok {
			return true
		}
		fn = fn.Origin()
		if s, ok := sinkOf(fn); ok {
			calls = f.direct(calls, call, fn, s)
		} else if w := f.wraps(fn); w != nil {
			calls = f.wrapped(calls, call, fn, w)
		} else if s, ok := byShape(fn); ok && !f.takesTenant(fn) {
			calls = f.direct(calls, call, fn, s)
		}
		return true
	})
	return calls
}

// takesTenant reports whether a cache takes the tenant beside the key.
func (c *checker) takesTenant(fn *types.Func) bool {
	for param := range fn.Signature().Params().Variables() {
		if c.like.Match(param.Name()) || c.like.MatchType(param.Type()) {
			return true
		}
	}
	return false
}

func (f *function) direct(calls []keyed, call *ast.CallExpr, fn *types.Func, s sink) []keyed {
	if s.field == redigoCommand {
		command, ok := "", false
		if s.keys[0] < len(call.Args) {
			d := f.derivation()
			command, ok = d.constant(call.Args[s.keys[0]])
		}
		if s, ok = redigoKeys(command, s.keys[0]+1); !ok {
			return calls
		}
	}
	k := keyed{call: call, fn: fn, use: s.use, target: f.nameOfCall(call, fn)}
	for n, i := range s.keys {
		last := i + 1
		if s.rest && n == len(s.keys)-1 {
			last = len(call.Args)
		}
		for ; i < last && i < len(call.Args); i += max(1, s.step) {
			if arg := f.keyIn(call.Args[i], s.field); arg != nil {
				k.keys = append(k.keys, arg)
				k.origin.add(f.derivation().expr(arg))
			} else {
				k.keys = append(k.keys, call.Args[i])
				k.origin.add(origin{Unknown: []string{text(call.Args[i]) + "." + s.field}})
			}
		}
	}
	if len(k.keys) == 0 {
		return calls
	}
	for _, arg := range call.Args {
		if !slices.Contains(k.keys, arg) {
			k.values = append(k.values, arg)
		}
	}
	return append(calls, k)
}

// keyIn returns the key inside an argument: the argument itself, or the named field of the struct
// literal that it is; nil when it is not a literal.
func (f *function) keyIn(arg ast.Expr, field string) ast.Expr {
	if field == "" {
		return arg
	}
	arg = ast.Unparen(arg)
	if v := f.variable(arg); v != nil && len(f.assigned(v)) == 1 && len(f.written(v)) == 0 {
		arg = f.assigned(v)[0].value
	}
	if u, ok := arg.(*ast.UnaryExpr); ok {
		arg = u.X
	}
	lit, ok := arg.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	var key ast.Expr
	f.storesOf(lit, func(v *types.Var, value ast.Expr) {
		if v.Name() == field {
			key = value
		}
	})
	return key
}

func (f *function) wrapped(calls []keyed, call *ast.CallExpr, fn *types.Func, w *wraps) []keyed {
	for _, key := range w.Keys {
		d := f.derivation()
		k := keyed{call: call, fn: fn, origin: d.apply(key.Origin, call), use: key.Use,
			typed: key.Typed, target: key.Target, at: key.At}
		for i := range 64 {
			if key.Origin.Params&(1<<i) != 0 {
				k.keys = append(k.keys, arguments(f.info, call, i)...)
			}
			if key.Values&(1<<i) != 0 || key.Origin.Params&(1<<i) != 0 && key.Origin.Method != "" {
				k.values = append(k.values, arguments(f.info, call, i)...)
			}
		}
		for _, arg := range call.Args {
			if _, ok := f.info.TypeOf(arg).Underlying().(*types.Signature); ok && !slices.Contains(k.values, arg) {
				k.values = append(k.values, arg)
			}
		}
		if len(k.keys) > 0 {
			calls = append(calls, k)
		}
	}
	return calls
}

// wraps returns which keys a function takes for a cache, or nil: of a function of this package from
// its body, of an interface from its implementations, otherwise from the fact.
func (c *checker) wraps(fn *types.Func) *wraps {
	if fn == nil {
		return nil
	}
	fn = fn.Origin()
	if fn.Pkg() != c.pkg {
		var fact wraps
		if fn.Pkg() != nil && c.pass.ImportObjectFact(fn, &fact) {
			return &fact
		}
		return nil
	}
	if w, ok := c.wrappers[fn]; ok {
		return w
	}
	c.wrappers[fn] = nil // it calls itself
	w := &wraps{}
	if f := c.byObject[fn]; f != nil {
		f.passesOn(w)
	} else if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		for _, method := range c.implementations(recv.Type(), fn.Name()) {
			if inner := c.wraps(method); inner != nil {
				for _, k := range inner.Keys {
					w.add(k)
				}
			}
		}
	}
	if len(w.Keys) == 0 {
		w = nil
	}
	c.wrappers[fn] = w
	return w
}

// passesOn adds the keys that the function makes of its parameters and whose tenant its callers
// have to bring.
func (f *function) passesOn(w *wraps) {
	for _, k := range f.keyedCalls() {
		if k.origin.Tenant || k.origin.Params == 0 || f.decides(&k) {
			continue
		}
		at := k.at
		if at == "" {
			p := f.pass.Fset.Position(k.call.Pos())
			at = fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
		}
		e := f.evidenceOf(&k)
		w.add(wrapped{Origin: k.origin, Use: k.use, Values: f.paramsIn(k.values), Typed: e.typed && e.holds == "",
			Target: k.target, At: at})
	}
}

// paramsIn returns the parameters that values depend on.
func (f *function) paramsIn(values []ast.Expr) uint64 {
	var bits uint64
	for _, value := range values {
		f.variablesIn(value, nil, func(v *types.Var) {
			if i, ok := f.params[v]; ok && i < 64 && !isContext(v.Type()) {
				bits |= 1 << i
			}
		})
	}
	return bits
}

// variablesIn calls visit for the variables in an expression and in what is assigned to them, but
// for those that the given expressions are.
func (f *function) variablesIn(e ast.Expr, except []ast.Expr, visit func(*types.Var)) {
	seen := map[*types.Var]bool{}
	for _, x := range except {
		if v, ok := f.variable(x).(*types.Var); ok {
			seen[v] = true
		}
	}
	var walk func(ast.Expr)
	walk = func(e ast.Expr) {
		ast.Inspect(e, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			v, ok := f.info.ObjectOf(id).(*types.Var)
			if !ok || v.IsField() || seen[v] {
				return true
			}
			seen[v] = true
			visit(v)
			for _, def := range f.assigned(v) {
				walk(def.value)
			}
			return true
		})
	}
	walk(e)
}

// implementations returns the methods of that name of the types that implement an interface.
func (c *checker) implementations(iface types.Type, method string) []*types.Func {
	var methods []*types.Func
	try := func(t types.Type) {
		named, ok := t.(*types.Named)
		if !ok || types.IsInterface(t) || !implements(named, iface) {
			return
		}
		object, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, c.pkg, method)
		if fn, ok := object.(*types.Func); ok {
			methods = append(methods, fn.Origin())
		}
	}
	scope := c.pkg.Scope()
	for _, name := range scope.Names() {
		if object, ok := scope.Lookup(name).(*types.TypeName); ok && !object.IsAlias() {
			try(object.Type())
		}
	}
	for _, t := range c.importedWrappers() {
		try(t)
	}
	return methods
}

// importedWrappers are the types of other packages with methods that take cache keys.
func (c *checker) importedWrappers() []types.Type {
	if c.imported != nil {
		return c.imported
	}
	c.imported = []types.Type{}
	seen := map[types.Type]bool{}
	for _, fact := range c.pass.AllObjectFacts() {
		fn, ok := fact.Object.(*types.Func)
		if _, isWrapper := fact.Fact.(*wraps); !ok || !isWrapper || fn.Signature().Recv() == nil {
			continue
		}
		named := gotype.Named(fn.Signature().Recv().Type())
		if named != nil && !types.IsInterface(named) && !seen[named.Origin()] {
			seen[named.Origin()] = true
			c.imported = append(c.imported, named.Origin())
		}
	}
	return c.imported
}

// implements reports whether a type, or a pointer to it, implements an interface. A generic type is
// tried with the type parameters of its own in place of the interface's.
func implements(named *types.Named, iface types.Type) bool {
	target, ok := types.Unalias(iface).(*types.Named)
	if !ok {
		return false
	}
	var concrete, wanted types.Type = named, target
	if n := named.TypeParams().Len(); n > 0 {
		args := make([]types.Type, n)
		for i := range n {
			args[i] = named.TypeParams().At(i)
		}
		if target.Origin().TypeParams().Len() != n {
			return false
		}
		var err error
		if concrete, err = types.Instantiate(nil, named, args, false); err != nil {
			return false
		}
		if wanted, err = types.Instantiate(nil, target.Origin(), args, false); err != nil {
			return false
		}
	} else if target.Origin().TypeParams().Len() > 0 {
		return false
	}
	i, ok := wanted.Underlying().(*types.Interface)
	return ok && !i.Empty() && (types.Implements(concrete, i) || types.Implements(types.NewPointer(concrete), i))
}

// nameOfCall writes the function that a call leads to. A method that the receiver's type has by
// embedding an unexported one goes by the type that the reader knows.
func (c *checker) nameOfCall(call *ast.CallExpr, fn *types.Func) string {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if selection := c.info.Selections[sel]; selection != nil {
			if named := gotype.Named(selection.Recv()); named != nil && named.Obj().Pkg() == fn.Pkg() && fn.Pkg() != nil {
				return fn.Pkg().Name() + "." + named.Obj().Name() + "." + fn.Name()
			}
		}
	}
	return nameOfFunc(fn)
}

// nameOfFunc writes a function as callers do: "Client.Get", "singleflight.Group.Do" without the path.
func nameOfFunc(fn *types.Func) string {
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		if named := gotype.Named(recv.Type()); named != nil {
			name = named.Obj().Name() + "." + name
		}
	}
	if fn.Pkg() != nil {
		name = fn.Pkg().Name() + "." + name
	}
	return name
}
