package sqlflow

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

const gormPath = "gorm.io/gorm"

// gormMethod returns the name of the method of *gorm.DB that a value calls, the handle and the arguments.
func gormMethod(v ssa.Value) (name string, db ssa.Value, args []ssa.Value) {
	call, ok := v.(*ssa.Call)
	if !ok || call.Call.StaticCallee() == nil || len(call.Call.Args) == 0 || !isGorm(call.Call.Args[0].Type()) {
		return "", nil, nil
	}
	fn, ok := call.Call.StaticCallee().Object().(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != gormPath || fn.Signature().Recv() == nil {
		return "", nil, nil
	}
	return fn.Name(), call.Call.Args[0], call.Call.Args[1:]
}

// isGormHandle reports whether a function is a method of *gorm.DB or gives one.
func isGormHandle(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() > 0 && isGorm(results.At(0).Type())
}

func isGorm(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isGormType(p, "DB")
}

func isGormType(t types.Type, name string) bool {
	named := gotype.Named(t)
	return named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == gormPath && named.Obj().Name() == name
}
