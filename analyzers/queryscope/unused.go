package queryscope

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
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
		owner := ssaflow.Declared(j.call.Fn)
		// Where row-level security confines the statement, its handle carries the tenant.
		if len(j.tables) == 0 || j.needs != "" || c.crossTenant(j.call.Fn, j.call.Instr) {
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

// unscopedCallee returns the fact of the function that is called.
func (c *checker) unscopedCallee(instr ssa.CallInstruction, local map[*ssa.Function]*unscopedFact) *unscopedFact {
	if callee := instr.Common().StaticCallee(); callee != nil && len(callee.Blocks) > 0 {
		return local[ssaflow.Origin(callee)]
	}
	fn := ssaflow.Callee(instr)
	var fact unscopedFact
	if fn == nil || !c.pass.ImportObjectFact(fn.Origin(), &fact) {
		return nil
	}
	return &fact
}

// exportUnscoped exports the facts, also on the interface methods that the functions implement.
func (c *checker) exportUnscoped(local map[*ssa.Function]*unscopedFact) {
	for fn, fact := range local {
		o := ssaflow.Object(fn)
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
