package cachekey

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/types"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

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
