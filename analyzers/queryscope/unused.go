package queryscope

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
	"github.com/tenantvet/tenantvet/finding"
)

// unscopedFact says that a function without a tenant of its own runs SQL that reaches tenant tables
// without the tenant. On an interface method it speaks of the implementation in the same package.
type unscopedFact struct {
	Tables []string
	// At is where the statement names the first of them.
	At finding.Position
}

// AFact marks a fact.
func (*unscopedFact) AFact() {}

func (f *unscopedFact) String() string { return "reaches " + strings.Join(f.Tables, ", ") + " by key" }

// suspect is a call that reaches tenant tables without the tenant.
type suspect struct {
	instr  ssa.CallInstruction
	tables []string
	at     finding.Position // of the SQL
}

// checkUnused reports functions that have a tenant and leave it out, and exports what functions
// without one do.
func (c *checker) checkUnused() {
	local := map[*ssa.Function]*unscopedFact{}
	direct := map[*ssa.Function][]suspect{}
	for _, j := range c.judged {
		owner := declared(j.call.Fn)
		if len(j.tables) == 0 || c.crossTenant(j.call.Fn, j.call.Instr) || c.scopedHandle(j) {
			continue
		}
		s := suspect{instr: j.call.Instr, tables: j.tables, at: j.textAt}
		direct[owner] = append(direct[owner], s)
		if !c.hasTenant(owner) && local[owner] == nil {
			local[owner] = &unscopedFact{Tables: j.tables, At: s.at}
		}
	}
	for _, fn := range c.program.Funcs {
		if fn.Parent() != nil || c.reporter.Silent(fn.Pos()) || c.reporter.Generated(fn.Pos()) || c.crossTenant(fn, nil) {
			continue
		}
		suspects := direct[fn]
		for _, instr := range c.calls[fn] {
			if fact := c.unscopedCallee(instr, local); fact != nil && !c.crossTenant(fn, instr) {
				suspects = append(suspects, suspect{instr: instr, tables: fact.Tables, at: fact.At})
			}
		}
		if len(suspects) > 0 {
			c.checkTenant(fn, suspects)
		}
	}
	c.exportUnscoped(local)
}

// scopedHandle reports whether row-level security confines the statement after all.
func (c *checker) scopedHandle(j *judgement) bool {
	return j.needs != "" && c.scopes.of(j.call.Handle, j.call.Instr).state == scoped
}

// unscopedCallee returns the fact of the function that is called.
func (c *checker) unscopedCallee(instr ssa.CallInstruction, local map[*ssa.Function]*unscopedFact) *unscopedFact {
	common := instr.Common()
	var fn *types.Func
	if common.IsInvoke() {
		fn = common.Method
	} else if callee := common.StaticCallee(); callee != nil {
		if len(callee.Blocks) > 0 {
			return local[origin(callee)]
		}
		fn = object(origin(callee))
	}
	var fact unscopedFact
	if fn == nil || !c.pass.ImportObjectFact(fn.Origin(), &fact) {
		return nil
	}
	return &fact
}

// exportUnscoped exports the facts, also on the interface methods that the functions implement.
func (c *checker) exportUnscoped(local map[*ssa.Function]*unscopedFact) {
	for fn, fact := range local {
		o := object(fn)
		if o == nil || !o.Exported() {
			continue
		}
		c.pass.ExportObjectFact(o, fact)
		recv := o.Signature().Recv()
		if recv == nil {
			continue
		}
		scope := c.pass.Pkg.Scope()
		for _, name := range scope.Names() {
			tn, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() {
				continue
			}
			iface, ok := tn.Type().Underlying().(*types.Interface)
			if !ok || iface.Empty() || !types.Implements(recv.Type(), iface) {
				continue
			}
			for m := range iface.Methods() {
				if m.Name() == o.Name() && m.Pkg() == c.pass.Pkg {
					c.pass.ExportObjectFact(m, fact)
				}
			}
		}
	}
}

// checkTenant reports the suspects of a function that has a tenant, unless the tenant takes part in
// the call, in something before it that decides about it, or in a comparison.
func (c *checker) checkTenant(fn *ssa.Function, suspects []suspect) {
	sources := c.sources(fn)
	if len(sources) == 0 {
		return
	}
	flow := newForward(c)
	for _, s := range sources {
		for _, v := range s.values {
			flow.add(v)
		}
	}
	flow.run()
	if flow.compared {
		return
	}
	suspects = slices.DeleteFunc(suspects, func(s suspect) bool { return !asksByValue(s.instr) || flow.decides(s.instr) })
	if len(suspects) == 0 {
		return
	}
	slices.SortStableFunc(suspects, func(a, b suspect) int { return int(a.instr.Pos()) - int(b.instr.Pos()) })
	first := suspects[0]
	f := finding.New("tenant-unused", c.reporter.Position(first.instr.Pos()), fn.Name(),
		"%s has the tenant (%s) but reaches %s without it: an id of another tenant is as good as one of its own",
		fn.Name(), sources[0].name, strings.Join(first.tables, ", "))
	if first.at.IsValid() {
		f.Related = append(f.Related, finding.Related{Position: first.at, Message: "the statement"})
	}
	for _, s := range suspects[1:] {
		f.Related = append(f.Related, finding.Related{Position: c.reporter.Position(s.instr.Pos()), Message: "and here"})
	}
	f.Fix = &finding.Fix{Message: fmt.Sprintf("add %s to the statement's condition, or compare it with the row's before using the row", sources[0].name)}
	c.reporter.Report(first.instr.Pos(), f)
}

// asksByValue reports whether a call is given anything that could belong to a tenant: an id, a list
// or a struct, not only times, limits and flags. A call that is given none works on all rows, which
// the statement itself answers for.
func asksByValue(instr ssa.CallInstruction) bool {
	args := instr.Common().Args
	if !instr.Common().IsInvoke() && instr.Common().Signature().Recv() != nil && len(args) > 0 {
		args = args[1:]
	}
	for _, arg := range args {
		if _, isConst := arg.(*ssa.Const); isConst || isContext(arg.Type()) || carriesHandle(arg.Type()) {
			continue
		}
		if values, ok := bound(arg); ok {
			if slices.ContainsFunc(values, isValue) {
				return true
			}
			continue
		}
		if isValue(arg) {
			return true
		}
	}
	return false
}

// bound returns the values of a variadic argument that is written out.
func bound(arg ssa.Value) (values []ssa.Value, ok bool) {
	s, isSlice := arg.(*ssa.Slice)
	if !isSlice {
		return nil, false
	}
	alloc, isAlloc := s.X.(*ssa.Alloc)
	if !isAlloc || alloc.Comment != "varargs" {
		return nil, false
	}
	for _, ref := range *alloc.Referrers() {
		at, isIndex := ref.(*ssa.IndexAddr)
		if !isIndex {
			continue
		}
		for _, use := range *at.Referrers() {
			if store, isStore := use.(*ssa.Store); isStore {
				values = append(values, store.Val)
			}
		}
	}
	return values, true
}

// isValue reports whether a value can name a row: no constant, time, duration, flag or function.
func isValue(v ssa.Value) bool {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	if _, isConst := v.(*ssa.Const); isConst {
		return false
	}
	if named, ok := types.Unalias(v.Type()).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time" {
		return false
	}
	switch u := v.Type().Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsBoolean == 0
	case *types.Signature:
		return false
	}
	return true
}

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
		if callee := call.Common().StaticCallee(); callee != nil && c.accessor(object(origin(callee))) {
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
// and the id of a tenant. A struct with an id alone is a row.
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
		if isScalar(f.Type()) && c.names.Match(f.Name()) {
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
