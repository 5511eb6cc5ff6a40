package cachekey

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// requestAccessors are the names of functions that take a value out of a request, a context or an
// environment by its name.
var requestAccessors = []string{
	"Param", "Params", "URLParam", "PathValue", "Query", "QueryParam", "DefaultQuery", "FormValue", "PostForm", "PostFormValue",
	"Get", "GetString", "MustGet", "Value", "Locals", "GetHeader", "Header", "Cookie", "Lookup", "URLParamFromCtx",
}

func (d *derivation) call(call *ast.CallExpr) origin {
	if tv := d.info.Types[call.Fun]; tv.IsType() {
		if d.like.MatchType(tv.Type) {
			return origin{Tenant: true}
		}
		return d.all(call.Args)
	}
	switch callee := typeutil.Callee(d.info, call).(type) {
	case *types.Builtin:
		if callee.Name() == "len" || callee.Name() == "cap" || callee.Name() == "make" || callee.Name() == "new" {
			return origin{}
		}
		return d.all(call.Args)
	case *types.Func:
		return d.result(call, callee)
	}
	return origin{Unknown: []string{text(call)}}
}

// result derives what calling a declared function or method gives.
func (d *derivation) result(call *ast.CallExpr, fn *types.Func) origin {
	if d.like.Accessor(fn) {
		return origin{Tenant: true}
	}
	recv := receiver(call)
	if recv != nil && fn.Signature().Recv() != nil && d.ofTenant(recv) {
		return origin{Tenant: true}
	}
	if slices.Contains(requestAccessors, fn.Name()) && !d.firstParty(fn.Pkg()) {
		if o, ok := d.accessor(call, fn); ok {
			return o
		}
	}
	if k, ok := d.summary(fn); ok {
		return d.apply(k, call)
	}
	if _, ok := sinkOf(fn.Origin()); ok {
		return part(classOfResult(fn), text(call)) // what a cache holds
	}
	switch {
	case fn.Signature().Recv() != nil && types.IsInterface(fn.Signature().Recv().Type()) && d.firstParty(fn.Pkg()):
		return d.interfaceCall(call, fn, recv)
	case hasTenantField(d, call):
		return origin{Tenant: true}
	case d.firstParty(fn.Pkg()):
		return d.unseen(call, fn)
	case takesContext(fn):
		return part(classOfResult(fn), text(call)) // it asks somebody
	}
	o := d.all(call.Args)
	if recv != nil && fn.Signature().Recv() != nil {
		o.add(d.expr(recv))
	}
	if fn.Pkg() != nil && isRandom(fn.Pkg().Path()) && o.isEmpty() {
		return origin{Tenant: true}
	}
	return o
}

func hasTenantField(d *derivation, call *ast.CallExpr) bool {
	_, ok := d.like.Field(d.info.TypeOf(call))
	return ok
}

// unseen derives the result of a function that was not looked into: from the function literals it
// is given, as in Map(names, func(name string) Key { … }), else by its name.
func (d *derivation) unseen(call *ast.CallExpr, fn *types.Func) origin {
	var o origin
	literals := false
	for _, arg := range call.Args {
		if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
			literals = true
			o.add(d.expr(lit))
		}
	}
	if literals {
		return o
	}
	return part(classOfResult(fn), text(call))
}

func takesContext(fn *types.Func) bool {
	params := fn.Signature().Params()
	return params.Len() > 0 && isContext(params.At(0).Type())
}

func isContext(t types.Type) bool { return types.TypeString(t, nil) == "context.Context" }

// classOfResult judges a function that was not looked into by its name.
func classOfResult(fn *types.Func) class {
	var t types.Type
	if results := fn.Signature().Results(); results.Len() > 0 {
		t = results.At(0).Type()
	}
	name := fn.Name()
	for _, word := range []string{"From", "By", "For", "Of", "In"} {
		if i := strings.Index(name, word); i > 0 {
			name = name[:i]
		}
	}
	if c := classOf(name, t); c == unique || c == neutral {
		return c
	}
	return opaque
}

// isRandom reports whether a package makes values that are never made twice.
func isRandom(path string) bool {
	for _, name := range []string{"uuid", "ulid", "ksuid", "xid", "nanoid", "/rand"} {
		if strings.Contains(path, name) {
			return true
		}
	}
	return false
}

// accessor derives what is taken out of a request or context by name: r.PathValue("orgID"),
// ctx.Value(tenantKey{}).
func (d *derivation) accessor(call *ast.CallExpr, fn *types.Func) (origin, bool) {
	for _, arg := range call.Args {
		name, ok := d.constant(arg)
		if !ok && fn.Name() == "Value" {
			name, ok = nameOf(arg), true
		}
		if !ok || name == "" {
			continue
		}
		if d.like.Match(name) {
			return origin{Tenant: true}, true
		}
		c := classOf(name, types.Typ[types.String])
		if c == opaque { // the header "X-Key" may be called apiKeyHeader
			c = classOf(nameOf(arg), types.Typ[types.String])
		}
		return part(c, text(call)), true
	}
	return origin{}, false
}

func (d *derivation) constant(e ast.Expr) (string, bool) {
	tv, ok := d.info.Types[e]
	if !ok || tv.Value == nil || tv.Value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(tv.Value), true
}

func nameOf(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CompositeLit:
		return nameOf(e.Type)
	}
	return ""
}

// interfaceCall derives p.CacheKey(), where the type of p decides what it gives.
func (d *derivation) interfaceCall(call *ast.CallExpr, fn *types.Func, recv ast.Expr) origin {
	if id, ok := ast.Unparen(recv).(*ast.Ident); ok && len(call.Args) == 0 {
		if i, ok := d.params[d.info.ObjectOf(id)]; ok && i < 64 {
			return origin{Params: 1 << i, Method: fn.Name()}
		}
	}
	return part(classOfResult(fn), text(call))
}

// apply puts the arguments of a call into the summary of its callee.
func (d *derivation) apply(k origin, call *ast.CallExpr) origin {
	o := origin{Tenant: k.Tenant}
	for _, list := range []struct {
		of []string
		c  class
	}{{k.Unique, unique}, {k.Plain, plain}, {k.Unknown, opaque}} {
		if len(list.of) > 0 {
			o.add(part(list.c, text(call))) // the names of the callee mean nothing here
		}
	}
	for i := range 64 {
		if k.Params&(1<<i) == 0 {
			continue
		}
		for _, arg := range arguments(d.info, call, i) {
			o.add(d.through(arg, k.Method))
		}
	}
	return o
}

// through derives an argument, or what the named method of it returns.
func (d *derivation) through(arg ast.Expr, method string) origin {
	if method == "" {
		return d.expr(arg)
	}
	object, _, _ := types.LookupFieldOrMethod(d.info.TypeOf(arg), true, d.pkg, method)
	fn, ok := object.(*types.Func)
	if !ok {
		return origin{Unknown: []string{text(arg) + "." + method + "()"}}
	}
	if id, ok := ast.Unparen(arg).(*ast.Ident); ok && fn.Signature().Recv() != nil && types.IsInterface(fn.Signature().Recv().Type()) {
		if i, ok := d.params[d.info.ObjectOf(id)]; ok && i < 64 {
			return origin{Params: 1 << i, Method: method}
		}
	}
	if k, ok := d.summary(fn); ok {
		k.Params, k.Method = 0, ""
		return k
	}
	return origin{Unknown: []string{text(arg) + "." + method + "()"}}
}

// receiver returns the expression a method is called on, or nil.
func receiver(call *ast.CallExpr) ast.Expr {
	fun := ast.Unparen(call.Fun)
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

// arguments returns the arguments of a call for parameter i, where 0 is the receiver; a variadic
// parameter may have several.
func arguments(info *types.Info, call *ast.CallExpr, i int) []ast.Expr {
	if i == 0 {
		if recv := receiver(call); recv != nil {
			return []ast.Expr{recv}
		}
		return nil
	}
	if i--; i >= len(call.Args) {
		return nil
	}
	sig, ok := info.TypeOf(call.Fun).Underlying().(*types.Signature)
	if ok && sig.Variadic() && i == sig.Params().Len()-1 {
		return call.Args[i:]
	}
	return call.Args[i : i+1]
}
