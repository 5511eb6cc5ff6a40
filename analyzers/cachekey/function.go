package cachekey

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// function is one declared function, or the declarations of package variables of a file, with what
// its local variables are made of. Function literals inside belong to it.
type function struct {
	*checker
	obj    *types.Func // nil for variable declarations
	node   ast.Node
	params map[types.Object]int
	// collected says that defs and adds are known; they are collected on the first demand.
	collected bool
	// defs are the values assigned to each local variable.
	defs map[types.Object][]def
	// adds are the values written into a variable: appended, written to a builder or a hash, stored
	// in a field or an element.
	adds map[types.Object][]ast.Expr
}

// def is an assignment: the value, or its result number index when it is a call with several.
type def struct {
	value ast.Expr
	index int
}

func newFunction(c *checker, obj *types.Func, node ast.Node) *function {
	f := &function{checker: c, obj: obj, node: node, params: map[types.Object]int{}}
	if obj != nil {
		sig := obj.Signature()
		if recv := sig.Recv(); recv != nil {
			f.params[recv] = 0
		}
		for i := range sig.Params().Len() {
			f.params[sig.Params().At(i)] = i + 1
		}
	}
	return f
}

// assigned returns the values that are assigned to a variable.
func (f *function) assigned(v types.Object) []def {
	f.collectLocals()
	return f.defs[v]
}

// written returns the values that are written into a variable.
func (f *function) written(v types.Object) []ast.Expr {
	f.collectLocals()
	return f.adds[v]
}

func (f *function) collectLocals() {
	if f.collected {
		return
	}
	f.collected = true
	f.defs, f.adds = map[types.Object][]def{}, map[types.Object][]ast.Expr{}
	ast.Inspect(f.node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			f.assign(n.Lhs, n.Rhs, n.Tok)
		case *ast.ValueSpec:
			lhs := make([]ast.Expr, len(n.Names))
			for i, name := range n.Names {
				lhs[i] = name
			}
			f.assign(lhs, n.Values, token.DEFINE)
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if object := f.variable(e); object != nil {
					f.defs[object] = append(f.defs[object], def{n.X, 0})
				}
			}
		case *ast.CallExpr:
			f.write(n)
		}
		return true
	})
}

func (f *function) assign(lhs, rhs []ast.Expr, tok token.Token) {
	for i, l := range lhs {
		d := def{}
		switch {
		case len(rhs) == len(lhs):
			d = def{rhs[i], 0}
		case len(rhs) == 1:
			d = def{rhs[0], i}
		default:
			continue
		}
		switch l := ast.Unparen(l).(type) {
		case *ast.Ident:
			object := f.variable(l)
			switch {
			case object == nil:
			case tok == token.ASSIGN || tok == token.DEFINE:
				f.defs[object] = append(f.defs[object], d)
			default:
				f.adds[object] = append(f.adds[object], d.value)
			}
		case *ast.SelectorExpr:
			if object := f.variable(l.X); object != nil {
				// The name of the field may say what the value is: key.TenantID = x.
				f.adds[object] = append(f.adds[object], d.value, l.Sel)
			}
		case *ast.IndexExpr:
			if object := f.variable(l.X); object != nil {
				f.adds[object] = append(f.adds[object], d.value)
			}
		}
	}
}

// write notes the arguments of a call that writes into a variable: b.WriteString(x), h.Write(x),
// fmt.Fprintf(&b, …), io.WriteString(h, x), json.NewEncoder(h).Encode(x), copy(b, x).
func (f *function) write(call *ast.CallExpr) {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if fun.Name == "copy" && len(call.Args) == 2 {
			f.into(call.Args[0], call.Args[1:])
		}
	case *ast.SelectorExpr:
		name := fun.Sel.Name
		switch {
		case hasPrefix(name, "Fprint", "WriteString", "Write") && len(call.Args) > 1 && f.isPackage(fun.X):
			f.into(call.Args[0], call.Args[1:])
		case name == "Read" && len(call.Args) == 1 && f.isPackage(fun.X): // rand.Read(b)
			f.into(call.Args[0], []ast.Expr{call})
		case name == "ReadFull" && len(call.Args) == 2: // io.ReadFull(rand.Reader, b)
			f.into(call.Args[1], call.Args[:1])
		case hasPrefix(name, "Write", "Append", "Add", "Encode", "Push"):
			target := fun.X
			if inner, ok := ast.Unparen(target).(*ast.CallExpr); ok && len(inner.Args) == 1 {
				target = inner.Args[0]
			}
			f.into(target, call.Args)
		}
	}
}

func (f *function) into(target ast.Expr, values []ast.Expr) {
	if object := f.variable(target); object != nil {
		f.adds[object] = append(f.adds[object], values...)
	}
}

// variable returns the variable that an expression names, through &, * , conversions to an
// interface being implicit, and slicing; nil for anything else.
func (f *function) variable(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := f.info.ObjectOf(e).(*types.Var); ok {
			return v
		}
	case *ast.UnaryExpr:
		return f.variable(e.X)
	case *ast.StarExpr:
		return f.variable(e.X)
	case *ast.SliceExpr:
		return f.variable(e.X)
	}
	return nil
}

func (f *function) isPackage(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = f.info.Uses[id].(*types.PkgName)
	return ok
}

func hasPrefix(name string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
