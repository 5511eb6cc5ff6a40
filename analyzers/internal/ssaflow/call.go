package ssaflow

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
)

// Origin returns the generic function that a function is an instance of, and any other as it is.
func Origin(fn *ssa.Function) *ssa.Function {
	if o := fn.Origin(); o != nil {
		return o
	}
	return fn
}

// Object returns the declaration of a function, nil for a function literal or a package initialiser.
// An instance of a generic function counts as the generic one.
func Object(fn *ssa.Function) *types.Func {
	o, _ := Origin(fn).Object().(*types.Func)
	return o
}

// Callee returns the function or interface method that a call leads to, nil for a function value.
func Callee(call ssa.CallInstruction) *types.Func {
	common := call.Common()
	if common.IsInvoke() {
		return common.Method
	}
	if static := common.StaticCallee(); static != nil {
		return Object(static)
	}
	return nil
}

// Receiver returns the receiver of a method call, nil for any other call, and the arguments behind it.
func Receiver(call ssa.CallInstruction) (receiver ssa.Value, args []ssa.Value) {
	common := call.Common()
	if common.IsInvoke() {
		return common.Value, common.Args
	}
	if fn := Callee(call); fn != nil && fn.Signature().Recv() != nil && len(common.Args) > 0 {
		return common.Args[0], common.Args[1:]
	}
	return nil, common.Args
}

// Calls returns the calls in each declared function of a program. Those in function literals belong
// to the function around them.
func Calls(program *lazyssa.Program) map[*ssa.Function][]ssa.CallInstruction {
	calls := map[*ssa.Function][]ssa.CallInstruction{}
	for _, fn := range program.Funcs {
		owner := Declared(fn)
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					calls[owner] = append(calls[owner], call)
				}
			}
		}
	}
	return calls
}
