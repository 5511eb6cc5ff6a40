package cachekey

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
	"github.com/tenantvet/tenantvet/finding"
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

// tenantIn returns the first mention of a tenant below a node.
func (c *checker) tenantIn(n ast.Node) (string, bool) {
	if found := c.tenantsIn(n); len(found) > 0 {
		return text(found[0]), true
	}
	return "", false
}

// tenantsIn finds the mentions of tenants below a node, other than in calls that write logs.
func (c *checker) tenantsIn(n ast.Node) []ast.Expr {
	var found []ast.Expr
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			fn, _ := typeutil.Callee(c.info, n).(*types.Func)
			if isLogging(fn) {
				return false
			}
			if c.tenant.Accessor(fn) {
				found = append(found, n)
				return false
			}
		case *ast.KeyValueExpr:
			// Params{TenantID: x}: the value is what the reader knows.
			if v := c.fieldKey(n); v != nil {
				inner := c.tenantsIn(n.Value)
				if len(inner) == 0 && c.carries(v) && !c.isConstant(n.Value) {
					inner = []ast.Expr{n.Value}
				}
				found = append(found, inner...)
				return false
			}
		case *ast.SelectorExpr:
			if v, ok := c.info.ObjectOf(n.Sel).(*types.Var); ok && c.carries(v) {
				found = append(found, n)
				return false
			}
		case *ast.Ident:
			if v, ok := c.info.ObjectOf(n).(*types.Var); ok && c.carries(v) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

func (c *checker) fieldKey(kv *ast.KeyValueExpr) *types.Var {
	id, ok := kv.Key.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := c.info.ObjectOf(id).(*types.Var)
	if !ok || !v.IsField() {
		return nil
	}
	return v
}

func (c *checker) carries(v *types.Var) bool {
	return c.tenant.Match(v.Name()) || c.tenant.MatchType(v.Type())
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

// report says what the evidence amounts to. The rule page has the table.
func (f *function) report(k *keyed, e *evidence) {
	o := f.withoutParams(k.origin)
	shown := e.loads != "" || e.holds != ""
	if len(o.Unknown) > 0 {
		if shown || e.scope != "" && !e.typed {
			f.reporter.Undecided(k.call.Pos(), f.nameOfCall(k.call, k.fn), "cache-key-unresolved",
				fmt.Sprintf("the cache key is made of %s, which could not be followed to a tenant", o.String()))
		}
		return
	}
	var severity finding.Severity
	switch {
	case len(o.Unique) > 0: // a unique part makes the whole key unique
		if e.loads == "" {
			return
		}
		severity = finding.Info
	case e.loads != "", len(o.Plain) > 0 && e.holds != "", len(o.Plain) > 0 && e.scope != "" && !e.typed:
		severity = finding.Error
	default:
		return
	}
	if k.use == counting || f.compares() {
		severity = min(severity, finding.Warning)
	}

	if severity == finding.Info && (e.itself || f.sameRoot(k.keys, e.loads)) {
		return // by domain.ID, for domain.WorkspaceID: the id has the tenant
	}
	at := k.keys[0]
	object := nameOfFunc(k.fn)
	if f.obj != nil {
		object = nameOfFunc(f.obj)
	}
	result := finding.New("cache-key-unscoped", finding.Position{}, object,
		"the key of %s does not contain the tenant: it is made of %s, %s", f.nameOfCall(k.call, k.fn), o.String(), f.because(e))
	result.Severity = severity
	result.Evidence = f.facts(k, e)
	result.Fix = f.fix(at, e)
	f.reporter.Report(at.Pos(), result)
}

// sameRoot reports whether a key and the tenant are fields of one variable.
func (f *function) sameRoot(keys []ast.Expr, tenant string) bool {
	root, _, isField := strings.Cut(tenant, ".")
	found := false
	for _, key := range keys {
		walk := func(e ast.Node) {
			ast.Inspect(e, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if id := rootOf(sel); id != nil && id.Name == root {
						found = true
					}
				}
				return !found
			})
		}
		walk(key)
		f.variablesIn(key, nil, func(v *types.Var) {
			for _, def := range f.assigned(v) {
				walk(def.value)
			}
		})
	}
	return isField && found
}

// because says why the tenant belongs in the key.
func (f *function) because(e *evidence) string {
	switch {
	case e.loads != "":
		return fmt.Sprintf("while the value is made with %s, so another tenant's request is given it", e.loads)
	case e.holds != "":
		return fmt.Sprintf("while %s belongs to one tenant (%s), so another tenant's request is given it", e.holdsIn, e.holds)
	}
	return fmt.Sprintf("though %s is at hand, so tenants with the same one share the value", e.scope)
}

func (f *function) facts(k *keyed, e *evidence) []string {
	var facts []string
	if k.at != "" {
		facts = append(facts, fmt.Sprintf("the key reaches %s at %s", k.target, k.at))
	}
	if e.holds != "" {
		facts = append(facts, fmt.Sprintf("%s has the tenant field %s", e.holdsIn, e.holds))
	}
	return facts
}

// fix writes the key with the tenant in front, where the key is a string and a tenant is at hand.
func (f *function) fix(key ast.Expr, e *evidence) *finding.Fix {
	tenant := e.loads
	if tenant == "" {
		tenant = e.scope
	}
	if strings.Contains(tenant, "(") {
		tenant = "tenantID" // a call may return an error too
	}
	fix := &finding.Fix{Message: "make the tenant a part of the key, everywhere the key is built"}
	t := f.info.TypeOf(key)
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.String && tenant != "" {
		code := fmt.Sprintf(`fmt.Sprintf("%%s:%%s", %s, %s)`, tenant, types.ExprString(key))
		if formatted, err := format.Source([]byte(code)); err == nil {
			fix.Code = string(formatted)
		}
	} else if _, isBasic := t.Underlying().(*types.Basic); !isBasic {
		fix.Message = "give the type of the key a field for the tenant, and set it everywhere the key is built"
	}
	return fix
}

// isLogging reports whether a function writes logs, metrics or traces: a tenant that it is given
// says nothing about the value.
func isLogging(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	for _, name := range []string{"log", "slog", "zap", "zerolog", "logrus", "attribute", "otel", "trace", "metric", "sentry", "attr", "logging", "telemetry", "metrics"} {
		if fn.Pkg().Name() == name {
			return true
		}
	}
	return false
}
