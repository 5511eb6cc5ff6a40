package sqlflow

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

const gormPath = "gorm.io/gorm"

// gormMethod returns the name of the method of *gorm.DB that is called, now, by go or by defer, the handle and the
// arguments.
func gormMethod(call ssa.CallInstruction) (name string, db ssa.Value, args []ssa.Value) {
	common := call.Common()
	if common.StaticCallee() == nil || len(common.Args) == 0 || !isGorm(common.Args[0].Type()) {
		return "", nil, nil
	}
	fn, ok := common.StaticCallee().Object().(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != gormPath || fn.Signature().Recv() == nil {
		return "", nil, nil
	}
	return fn.Name(), common.Args[0], common.Args[1:]
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
