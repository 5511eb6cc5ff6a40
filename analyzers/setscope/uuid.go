package setscope

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// validated reports whether all values are known to be UUIDs: by their type, or because they were
// parsed as one before.
func (c *checker) validated(e *event, holes []*sqlflow.Hole) bool {
	for _, h := range holes {
		if !c.isUUID(e, h.Pos) {
			return false
		}
	}
	return true
}

// isUUID reports whether the value that arises at a place is a UUID.
func (c *checker) isUUID(e *event, pos token.Pos) bool {
	if !pos.IsValid() {
		return false
	}
	for _, fn := range append([]*ssa.Function{e.call.Fn}, e.call.Fn.Parent()) {
		if fn == nil {
			continue
		}
		for _, v := range valuesAt(fn, pos) {
			if isUUIDType(v.Type()) || isUUIDText(v) || c.parsedBefore(fn, v) {
				return true
			}
		}
	}
	return false
}

// valuesAt returns the values of a function that arise at a place.
func valuesAt(fn *ssa.Function, pos token.Pos) []ssa.Value {
	var values []ssa.Value
	for _, p := range fn.Params {
		if p.Pos() == pos {
			values = append(values, p)
		}
	}
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			if v, ok := instr.(ssa.Value); ok && v.Pos() == pos {
				values = append(values, v)
			}
		}
	}
	return values
}

func isUUIDType(t types.Type) bool {
	named := gotype.Named(t)
	return named != nil && named.Obj().Name() == "UUID"
}

// isUUIDText reports whether a value is what the String method of a UUID returns.
func isUUIDText(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	fn := ssaflow.Callee(call)
	return fn != nil && fn.Name() == "String" && fn.Signature().Recv() != nil && isUUIDType(fn.Signature().Recv().Type())
}

// parsedBefore reports whether a text is given to uuid.Parse or the like.
func (c *checker) parsedBefore(fn *ssa.Function, v ssa.Value) bool {
	for _, call := range c.calls[ssaflow.Declared(fn)] {
		callee := ssaflow.Callee(call)
		if callee == nil || callee.Pkg() == nil || !strings.Contains(callee.Pkg().Path(), "uuid") {
			continue
		}
		switch callee.Name() {
		case "Parse", "MustParse", "FromString", "Validate", "ParseBytes":
			if slices.ContainsFunc(call.Common().Args, func(arg ssa.Value) bool { return c.canonical(arg) == c.canonical(v) }) {
				return true
			}
		}
	}
	return false
}
