package setscope

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// gorm tells what a *gorm.DB is: one that Begin returned or Transaction called back with is a
// transaction, one from a field or a package variable is the pool.
func (c *checker) gorm(v ssa.Value, depth int) (p place, named bool) {
	switch v := v.(type) {
	case *ssa.Parameter:
		if v.Parent().Parent() != nil && c.givenTo(v.Parent(), "Transaction", "Connection") {
			return transaction, false
		}
		return anywhere, isTxName(v.Name())
	case *ssa.UnOp:
		switch x := v.X.(type) {
		case *ssa.FieldAddr:
			if isTxName(fieldName(x)) {
				return anywhere, true
			}
			return pool, false
		case *ssa.Global:
			return pool, false
		}
	case *ssa.Call:
		fn := ssaflow.Callee(v)
		if fn == nil {
			return anywhere, false
		}
		if fn.Name() == "Begin" {
			return transaction, false
		}
		if args := v.Call.Args; fn.Signature().Recv() != nil && len(args) > 0 && isGorm(args[0].Type()) {
			return c.placeOf(c.canonical(args[0]), depth+1)
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			if fn := ssaflow.Callee(call); fn != nil && fn.Name() == "Open" {
				return pool, false
			}
		}
	}
	return anywhere, false
}

// givenTo reports whether a function literal is passed to a method of one of the names.
func (c *checker) givenTo(literal *ssa.Function, names ...string) bool {
	for _, call := range c.calls[ssaflow.Declared(literal)] {
		fn := ssaflow.Callee(call)
		if fn == nil || !slices.Contains(names, fn.Name()) {
			continue
		}
		if slices.ContainsFunc(call.Common().Args, func(arg ssa.Value) bool { return ssaflow.Literal(arg) == literal }) {
			return true
		}
	}
	return false
}

func isGorm(t types.Type) bool {
	named := gotype.Named(t)
	return named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "gorm.io/gorm" && named.Obj().Name() == "DB"
}
