package cachekey

import (
	"go/ast"
	"go/types"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// maxStatements bounds the functions whose result is followed: a function that builds a key is short.
const maxStatements = 40

// summary returns what the first result of a function is made of, in terms of its parameters.
func (c *checker) summary(fn *types.Func) (origin, bool) {
	fn = fn.Origin()
	if fn.Pkg() != c.pkg {
		var fact keyOf
		if c.pass.ImportObjectFact(fn, &fact) {
			return fact.Origin, true
		}
		return origin{}, false
	}
	if o, ok := c.summaries[fn]; ok {
		if o == nil {
			return origin{}, false // it calls itself
		}
		return *o, len(o.Unknown) == 0 || o.Tenant || o.Params != 0
	}
	f := c.byObject[fn]
	if f == nil || !f.givesKey() {
		return origin{}, false
	}
	c.summaries[fn] = nil
	o := f.derivation().returns(f.node.(*ast.FuncDecl).Body, fn.Signature().Results())
	c.summaries[fn] = &o
	return o, len(o.Unknown) == 0 || o.Tenant || o.Params != 0
}

// givesKey reports whether the function returns something that can be a key and is short enough.
func (f *function) givesKey() bool {
	results := f.obj.Signature().Results()
	if results.Len() == 0 {
		return false
	}
	t := results.At(0).Type()
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&(types.IsString|types.IsInteger) == 0 {
			return false
		}
	case *types.Struct:
		if _, ok := f.like.Field(t); !ok {
			return false
		}
	default:
		if _, generic := t.(*types.TypeParam); !generic && !isText(t) {
			return false
		}
	}
	statements := 0
	ast.Inspect(f.node, func(n ast.Node) bool {
		if _, ok := n.(ast.Stmt); ok {
			statements++
		}
		return statements <= maxStatements
	})
	return statements <= maxStatements
}

// returns unites what the return statements of a body give first; results are the named ones.
func (d *derivation) returns(body ast.Node, results *types.Tuple) origin {
	var o origin
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) > 0 {
				o.add(d.expr(n.Results[0]))
			} else if results.Len() > 0 {
				v := results.At(0)
				for _, def := range d.assigned(v) {
					o.add(d.expr(def.value))
				}
				o.add(d.all(d.written(v)))
			}
		}
		return true
	})
	return o
}

// store is a value that is stored in a field.
type store struct {
	in    *function
	value ast.Expr
}

// stores are the values that the package stores in its fields.
func (c *checker) stores() map[*types.Var][]store {
	if c.fields != nil {
		return c.fields
	}
	c.fields = map[*types.Var][]store{}
	put := func(f *function, object types.Object, value ast.Expr) {
		if field, ok := object.(*types.Var); ok && field.IsField() {
			c.fields[field.Origin()] = append(c.fields[field.Origin()], store{f, value})
		}
	}
	for _, f := range c.functions {
		ast.Inspect(f.node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				c.storesOf(n, func(field *types.Var, value ast.Expr) { put(f, field, value) })
			case *ast.AssignStmt:
				if len(n.Lhs) != len(n.Rhs) {
					break
				}
				for i, l := range n.Lhs {
					if sel, ok := ast.Unparen(l).(*ast.SelectorExpr); ok {
						put(f, c.info.ObjectOf(sel.Sel), n.Rhs[i])
					}
				}
			}
			return true
		})
	}
	return c.fields
}

// storesOf calls put for each field that a literal sets.
func (c *checker) storesOf(lit *ast.CompositeLit, put func(*types.Var, ast.Expr)) {
	t := c.info.TypeOf(lit)
	if t == nil {
		return
	}
	st, ok := gotype.Deref(t).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range lit.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				if field, ok := c.info.ObjectOf(id).(*types.Var); ok {
					put(field, kv.Value)
				}
			}
		} else if i < st.NumFields() {
			put(st.Field(i), element)
		}
	}
}
