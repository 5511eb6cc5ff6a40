package cachekey

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// derivation follows one expression back to what it is made of. Alternatives (several assignments,
// several returns) are united: a key that has the tenant on one path is taken to have it.
type derivation struct {
	*function
	busy   map[types.Object]bool
	budget int
}

// budget bounds the expressions that one key is followed through.
const budget = 400

func (f *function) derivation() *derivation {
	return &derivation{function: f, busy: map[types.Object]bool{}, budget: budget}
}

func (d *derivation) all(list []ast.Expr) origin {
	var o origin
	for _, e := range list {
		o.add(d.expr(e))
	}
	return o
}

func (d *derivation) expr(e ast.Expr) origin {
	if d.budget--; d.budget < 0 {
		return origin{Unknown: []string{"a long computation"}}
	}
	if tv, ok := d.info.Types[e]; ok && (tv.Value != nil || tv.IsNil()) {
		return origin{}
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return d.expr(e.X)
	case *ast.UnaryExpr:
		return d.expr(e.X)
	case *ast.StarExpr:
		return d.expr(e.X)
	case *ast.SliceExpr:
		return d.expr(e.X)
	case *ast.TypeAssertExpr:
		if d.like.MatchType(d.info.TypeOf(e)) {
			return origin{Tenant: true}
		}
		return d.expr(e.X)
	case *ast.BinaryExpr:
		return d.all([]ast.Expr{e.X, e.Y})
	case *ast.KeyValueExpr:
		return d.expr(e.Value)
	case *ast.CompositeLit:
		return d.literal(e)
	case *ast.Ident:
		return d.ident(e)
	case *ast.SelectorExpr:
		return d.selector(e)
	case *ast.IndexExpr:
		return d.index(e)
	case *ast.CallExpr:
		return d.call(e)
	case *ast.FuncLit:
		return d.returns(e.Body, nil)
	}
	return origin{Unknown: []string{text(e)}}
}

// literal derives a composite literal: of a struct with a tenant field, only what is set counts.
func (d *derivation) literal(lit *ast.CompositeLit) origin {
	var o origin
	st, _ := gotype.Deref(d.info.TypeOf(lit)).Underlying().(*types.Struct)
	for i, element := range lit.Elts {
		name := ""
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && st != nil {
				name = id.Name
			}
			element = kv.Value
		} else if st != nil && i < st.NumFields() {
			name = st.Field(i).Name()
		}
		if name != "" && d.like.Match(name) && !d.isConstant(element) {
			o.Tenant = true
		}
		o.add(d.expr(element))
	}
	return o
}

func (c *checker) isConstant(e ast.Expr) bool {
	tv, ok := c.info.Types[e]
	return ok && (tv.Value != nil || tv.IsNil())
}

func (d *derivation) ident(id *ast.Ident) origin {
	object := d.info.ObjectOf(id)
	v, ok := object.(*types.Var)
	if !ok {
		return origin{}
	}
	if d.like.Match(v.Name()) || d.like.MatchType(v.Type()) {
		return origin{Tenant: true}
	}
	if d.busy[v] || isContext(v.Type()) {
		return origin{}
	}
	d.busy[v] = true
	defer delete(d.busy, v)

	var o origin
	_, isParam := d.params[v]
	defs, adds := before(d.assigned(v), id.Pos(), isParam), d.written(v)
	for _, def := range defs {
		o.add(d.expr(def.value))
	}
	o.add(d.all(adds))
	if o.Tenant {
		return o
	}
	if isSecret(v.Name()) && len(defs) > 0 {
		return part(unique, id.Name) // whatever part of the request it was taken from
	}
	if len(defs) == 0 || isParam {
		o.add(d.leaf(v, d.params[v], isParam, id.Name))
		return o
	}
	if len(o.Unknown) > 0 && o.Params == 0 {
		// Where the value comes from is not known, but the variable's name may say what it is.
		if c := classOf(v.Name(), v.Type()); c != opaque {
			o.Unknown = nil
			o.add(part(c, id.Name))
		}
	}
	return o
}

// before keeps the assignments that stand before the use, so that key, err := get(key) does not make
// the key of its own result. Where none does, as in a function literal, all are kept, but for a
// parameter, which has a value from the start.
func before(defs []def, use token.Pos, isParam bool) []def {
	var kept []def
	for _, d := range defs {
		if d.value.End() <= use {
			kept = append(kept, d)
		}
	}
	if len(kept) == 0 && !isParam {
		return defs
	}
	return kept
}

// leaf derives a variable that is not assigned in the function: a parameter, a package variable, a
// parameter of a function literal, or one declared without a value.
func (d *derivation) leaf(v *types.Var, i int, isParam bool, name string) origin {
	if _, ok := d.like.Field(v.Type()); ok {
		return origin{Tenant: true}
	}
	switch {
	case isParam && i < 64:
		return origin{Params: 1 << i}
	case v.Parent() == d.pkg.Scope():
		if value, ok := d.packageVars()[v]; ok {
			d.busy[v] = true
			defer delete(d.busy, v)
			return d.expr(value)
		}
	}
	if len(d.written(v)) > 0 {
		return origin{}
	}
	return part(classOf(v.Name(), v.Type()), name)
}

func (d *derivation) selector(sel *ast.SelectorExpr) origin {
	selection, ok := d.info.Selections[sel]
	if !ok {
		if object := d.info.ObjectOf(sel.Sel); object != nil && object.Pkg() != nil && !d.firstParty(object.Pkg()) {
			if isRandom(object.Pkg().Path()) {
				return origin{Tenant: true} // rand.Reader
			}
			return origin{} // base64.StdEncoding
		}
		var fact keyOf
		if object := d.info.ObjectOf(sel.Sel); object != nil && object.Pkg() != d.pkg && d.pass.ImportObjectFact(object, &fact) {
			return fact.Origin
		}
		return d.ident(sel.Sel)
	}
	field, ok := selection.Obj().(*types.Var)
	if !ok {
		return origin{Unknown: []string{text(sel)}}
	}
	t := d.info.TypeOf(sel)
	if d.like.Match(field.Name()) || d.like.MatchType(t) || d.ofTenant(sel.X) {
		return origin{Tenant: true}
	}
	if _, ok := d.like.Field(t); ok {
		return origin{Tenant: true}
	}
	if field.Pkg() != nil && (field.Pkg().Path() == "net/http" || field.Pkg().Path() == "net/url") {
		if field.Name() == "Host" || field.Name() == "RemoteAddr" {
			return origin{Unique: []string{text(sel)}}
		}
		return origin{Plain: []string{text(sel)}}
	}
	switch field.Name() {
	case "String", "V", "UUID", "Bytes", "Int64", "Int32": // pgtype.Text, sql.NullString, sql.Null
		if inner, ok := ast.Unparen(sel.X).(*ast.SelectorExpr); ok {
			return d.selector(inner)
		}
	}
	c := classOf(field.Name(), t)
	if c == unique || c == neutral {
		return part(c, text(sel))
	}
	if o, ok := d.field(field); ok {
		return o
	}
	return part(c, text(sel))
}

// ofTenant reports whether an expression is the tenant itself, so that any field of it tells tenants
// apart: workspace.ID, session.Org.Slug.
func (d *derivation) ofTenant(e ast.Expr) bool {
	e = ast.Unparen(e)
	if d.like.MatchType(d.info.TypeOf(e)) {
		return true
	}
	switch e := e.(type) {
	case *ast.Ident:
		return d.like.Match(e.Name)
	case *ast.SelectorExpr:
		return d.like.Match(e.Sel.Name)
	case *ast.CallExpr:
		fn, _ := typeutil.Callee(d.info, e).(*types.Func)
		return d.like.Accessor(fn)
	}
	return false
}

// field derives a field from all that the package stores in it.
func (d *derivation) field(field *types.Var) (origin, bool) {
	if d.busy[field] {
		return origin{}, true
	}
	stores := d.stores()[field.Origin()]
	if len(stores) == 0 {
		return origin{}, false
	}
	d.busy[field] = true
	defer delete(d.busy, field)
	var o origin
	for _, s := range stores {
		inner := &derivation{function: s.in, busy: d.busy, budget: d.budget}
		stored := inner.expr(s.value)
		d.budget = inner.budget
		o.add(s.in.withoutParams(stored))
	}
	return o, true
}

// index derives an element from its container, or a function from its instance.
func (d *derivation) index(e *ast.IndexExpr) origin {
	o := d.expr(e.X)
	if !o.Tenant && d.isConstant(e.Index) {
		// mux.Vars(r)["orgID"]
		if name, ok := d.constant(e.Index); ok && d.like.Match(name) {
			return origin{Tenant: true}
		}
	}
	return o
}

// withoutParams turns the parameters of an origin into parts judged by their names.
func (f *function) withoutParams(o origin) origin {
	if o.Params == 0 {
		return o
	}
	out := o
	out.Params, out.Method = 0, ""
	for v, i := range f.params {
		if o.Params&(1<<i) == 0 {
			continue
		}
		if o.Method != "" {
			out.add(origin{Unknown: []string{v.Name() + "." + o.Method + "()"}})
			continue
		}
		out.add(part(classOf(v.Name(), v.Type()), v.Name()))
	}
	slices.Sort(out.Plain)
	slices.Sort(out.Unique)
	slices.Sort(out.Unknown)
	return out
}

// text writes an expression for a message, in short.
func text(e ast.Expr) string {
	s := types.ExprString(e)
	if i := strings.IndexByte(s, '\n'); i >= 0 || len(s) > 60 {
		return s[:min(60, max(i, 0)+60, len(s))] + "…"
	}
	return s
}
