package sqlflow

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
)

// bareHandle is the Base of a statement that nothing has been added to yet: a handle.
const bareHandle = -1

// gormBase is a chain's beginning: a handle in a field or a variable, or one that is given.
func (r *resolver) gormBase(v ssa.Value) []Statement {
	switch v := v.(type) {
	case *ssa.UnOp:
		switch addr := v.X.(type) {
		case *ssa.FieldAddr, *ssa.Global:
			return []Statement{{Base: bareHandle}}
		case *ssa.Alloc:
			return r.gormStored(addr)
		case *ssa.FreeVar:
			if bound := r.index.bindings(addr); len(bound) == 1 {
				return r.gormStored(bound[0])
			}
		}
	case *ssa.FreeVar:
		if bound := r.index.bindings(v); len(bound) == 1 {
			return r.builder(bound[0])
		}
	case *ssa.Field:
		return []Statement{{Base: bareHandle}}
	}
	return nil
}

// gormStored is the chain in a variable that is assigned once.
func (r *resolver) gormStored(addr ssa.Value) []Statement {
	if stored := r.index.storesTo(addr); len(stored) == 1 {
		return r.builder(stored[0])
	}
	return nil
}

// gormRoot returns the handle that a chain begins with, and whether the chain is SQL as text, which has a sink of
// its own.
func gormRoot(db ssa.Value) (root ssa.Value, raw bool) {
	for {
		call, ok := db.(*ssa.Call)
		if !ok {
			return db, raw
		}
		name, next, _ := gormMethod(call)
		if next == nil {
			return db, raw
		}
		raw = raw || name == "Raw"
		db = next
	}
}

// handleNames are the last words of the names of parameters that are handles, and no chains begun elsewhere.
var handleNames = []string{"db", "tx", "txn", "conn", "connection", "database", "gorm", "orm", "transaction"}

// isHandleParameter reports whether a parameter is a handle that no condition has been added to: by its name, or as
// gorm gives it to a function that it calls back.
func (r *resolver) isHandleParameter(p *ssa.Parameter) bool {
	words := tenantname.Words(p.Name())
	if len(words) > 0 && slices.Contains(handleNames, words[len(words)-1]) {
		return true
	}
	for _, closure := range r.index.closures[p.Parent()] {
		for _, ref := range *closure.Referrers() {
			if call, ok := ref.(ssa.CallInstruction); ok {
				if name, _, _ := gormMethod(call); name == "Transaction" || name == "Connection" {
					return true
				}
			}
		}
	}
	return false
}

// givenChains reports whether a function of the package passes a chain that it has begun as a parameter of another.
func (c *collector) givenChains(p *ssa.Parameter) bool {
	fn := p.Parent()
	n := slices.Index(fn.Params, p)
	for _, site := range c.index.calls {
		callee := site.instr.Common().StaticCallee()
		if callee == nil || generic(callee) != fn || n >= len(site.instr.Common().Args) {
			continue
		}
		for _, s := range c.builder(site.instr.Common().Args[n]) {
			if s.Where != nil || s.Joins != nil || s.Table != nil || s.Suffix != nil {
				return true
			}
		}
	}
	return false
}
