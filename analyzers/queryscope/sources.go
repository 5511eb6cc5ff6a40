package queryscope

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
)

// source is a tenant that a function has: its name, and the values that hold it.
type source struct {
	name   string
	values []ssa.Value
}

// sources returns the tenants that a function has: parameters, the field of a receiver that also
// holds a handle, and what it takes from a context.
func (c *checker) sources(fn *ssa.Function) []source {
	var out []source
	params := fn.Params
	if fn.Signature.Recv() != nil {
		if field := c.tenantField(fn.Params[0].Type()); field != nil {
			out = append(out, source{fn.Params[0].Name() + "." + field.Name(), reads(fn, field)})
		}
		params = params[1:]
	}
	for _, p := range params {
		if c.isTenantID(p) {
			out = append(out, source{p.Name(), []ssa.Value{p}})
		}
	}
	for _, instr := range c.calls[fn] {
		call, ok := instr.(*ssa.Call)
		if !ok || call.Parent() != fn {
			continue
		}
		if callee := call.Common().StaticCallee(); callee != nil && c.accessor(ssaflow.Object(callee)) {
			out = append(out, source{callee.Name() + "()", []ssa.Value{call}})
		}
	}
	return out
}

// labels are the last words of names for what describes a tenant but does not identify it.
var labels = []string{"name", "names", "slug", "slugs", "code", "hash", "ref", "key", "label", "title"}

// isTenantID reports whether a parameter is the id of a tenant.
func (c *checker) isTenantID(p *ssa.Parameter) bool {
	words := tenantname.Words(p.Name())
	if len(words) == 0 || slices.Contains(labels, words[len(words)-1]) {
		return false
	}
	return isScalar(p.Type()) && (c.names.Match(p.Name()) || c.names.MatchType(p.Type()))
}

// tenantField returns the field of a repository that is made for one tenant: a struct with a handle
// and the id of a tenant. A struct with an id alone is a row, and a default serves all tenants.
func (c *checker) tenantField(t types.Type) *types.Var {
	if !carriesHandle(t) {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if isScalar(f.Type()) && c.names.Match(f.Name()) && tenantname.Words(f.Name())[0] != "default" {
			return f
		}
	}
	return nil
}

// reads returns the values that a function, its literals included, reads from a field.
func reads(fn *ssa.Function, field *types.Var) []ssa.Value {
	var values []ssa.Value
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			switch instr := instr.(type) {
			case *ssa.FieldAddr:
				if st, ok := instr.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct); ok && st.Field(instr.Field) == field {
					values = append(values, instr)
				}
			case *ssa.Field:
				if st, ok := instr.X.Type().Underlying().(*types.Struct); ok && st.Field(instr.Field) == field {
					values = append(values, instr)
				}
			}
		}
	}
	for _, anon := range fn.AnonFuncs {
		values = append(values, reads(anon, field)...)
	}
	return values
}

// accessor reports whether a function only yields a tenant that is there already, by its name and
// because it takes nothing but a context or a request; one that asks a database looks a tenant up.
func (c *checker) accessor(fn *types.Func) bool {
	if fn == nil || !c.names.Accessor(fn) {
		return false
	}
	sig := fn.Signature()
	if sig.Recv() != nil && carriesHandle(sig.Recv().Type()) {
		return false
	}
	for p := range sig.Params().Variables() {
		if !isContext(p.Type()) {
			return false
		}
	}
	return sig.Results().Len() > 0 && isScalar(sig.Results().At(0).Type())
}

// isContext reports whether a type carries a request: context.Context, *http.Request, the contexts
// of web frameworks.
func isContext(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && slices.Contains([]string{"Context", "Request", "Ctx"}, named.Obj().Name())
}

func (c *checker) hasTenant(fn *ssa.Function) bool { return len(c.sources(fn)) > 0 }

// isScalar reports whether values of a type are ids rather than structs that may hold one among
// others: strings, numbers, UUIDs.
func isScalar(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsString|types.IsInteger) != 0
	case *types.Array:
		b, ok := u.Elem().Underlying().(*types.Basic)
		return ok && b.Kind() == types.Byte
	case *types.Struct:
		named, ok := types.Unalias(t).(*types.Named)
		return ok && slices.Contains([]string{"UUID", "NullUUID", "NullString", "Text"}, named.Obj().Name())
	}
	return false
}
