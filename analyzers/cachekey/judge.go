package cachekey

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
)

// judge reports the keys of a function that lack the tenant. Calls with the same key, such as Get and
// Set around a load, are one finding.
func (f *function) judge() {
	type group struct {
		keyed
		evidence
	}
	var order []string
	groups := map[string]*group{}
	for _, k := range f.keyedCalls() {
		if k.origin.Tenant || k.use == housekeeping || f.declared(k.call.Pos()) {
			continue
		}
		if k.origin.Params != 0 && !f.decides(&k) {
			continue // the fact tells the callers
		}
		e := f.evidenceOf(&k)
		name := text(k.keys[0])
		g, ok := groups[name]
		if !ok {
			order = append(order, name)
			groups[name] = &group{k, e}
			continue
		}
		g.merge(e)
		g.use = min(g.use, k.use)
	}
	for _, name := range order {
		g := groups[name]
		f.report(&g.keyed, &g.evidence)
	}
}

// declared reports whether the place is declared to cross tenants.
func (f *function) declared(pos token.Pos) bool {
	if _, ok := f.config.CrossTenant(f.pkg, f.obj); ok {
		return true
	}
	_, ok := f.reporter.CrossTenant(pos)
	return ok
}

// decides reports whether a key made of parameters can be judged in this function: the parameters
// are no keys made elsewhere, and something shows whose value it is.
func (f *function) decides(k *keyed) bool {
	if k.origin.Method != "" || len(f.withoutParams(origin{Params: k.origin.Params}).Unknown) > 0 {
		return false
	}
	if f.called()[f.obj] && !f.specific(k.origin.Params) {
		return false
	}
	e := f.evidenceOf(k)
	return e.loads != "" || e.holds != "" || e.scope != ""
}

// specific reports whether the parameters are names of one thing each: a name, a slug, an id; not a
// string that the callers may have put together.
func (f *function) specific(params uint64) bool {
	for v, i := range f.params {
		if params&(1<<i) == 0 || classOf(v.Name(), v.Type()) != plain {
			continue
		}
		words := tenantname.Words(v.Name())
		switch words[len(words)-1] {
		case "name", "slug", "title", "label", "alias", "path", "username", "login", "number", "reference":
		default:
			return false
		}
	}
	return true
}

// called are the functions that the package itself uses.
func (c *checker) called() map[*types.Func]bool {
	if c.uses == nil {
		c.uses = map[*types.Func]bool{}
		for _, object := range c.info.Uses {
			if fn, ok := object.(*types.Func); ok {
				c.uses[fn.Origin()] = true
			}
		}
	}
	return c.uses
}

// compares reports whether the function compares two tenants, as code does that checks a fetched
// value before it hands it out.
func (f *function) compares() bool {
	found := false
	ast.Inspect(f.node, func(n ast.Node) bool {
		b, ok := n.(*ast.BinaryExpr)
		if ok && (b.Op == token.EQL || b.Op == token.NEQ) {
			_, left := f.tenantIn(b.X)
			_, right := f.tenantIn(b.Y)
			found = found || left && right
		}
		return !found
	})
	return found
}
