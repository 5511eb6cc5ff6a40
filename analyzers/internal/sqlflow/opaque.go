package sqlflow

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
)

// opaque returns a call through a function value, or a method of an interface that no library declares, as one that
// runs SQL: it is given a text that begins like a statement, and a context or values for placeholders. Nil for any
// other call.
func (c *collector) opaque(site callSite) *Call {
	common := site.instr.Common()
	if _, isBuiltin := common.Value.(*ssa.Builtin); isBuiltin || common.StaticCallee() != nil || !answers(common.Signature()) ||
		common.IsInvoke() && models.IsForeign(common.Method) {
		return nil
	}
	text, rest := textArgument(common)
	if text < 0 || rest < 0 && !slices.ContainsFunc(common.Args[:text], func(v ssa.Value) bool { return models.IsContext(v.Type()) }) {
		return nil
	}
	templates := slices.DeleteFunc(c.resolve(common.Args[text], site.instr.Pos()), func(t Template) bool {
		return !statementStart.MatchString(t.String())
	})
	if len(templates) == 0 {
		return nil
	}
	call := &Call{Fn: site.fn, Instr: site.instr, Templates: templates,
		Sink: models.Sink{Query: text, Context: models.None, Args: rest, Handle: models.None}}
	if common.IsInvoke() {
		call.Handle, call.Sink.Handle = common.Value, models.Receiver
		call.Kind = kindOf(call.Handle)
	}
	if rest >= 0 {
		call.bind(common.Args[rest:], true)
	}
	return call
}

// textArgument returns the index of the first argument of a call that is a string, and of the values of any type
// behind it; -1 for none.
func textArgument(common *ssa.CallCommon) (text, rest int) {
	sig := common.Signature()
	text, rest = -1, -1
	for i := range sig.Params().Len() {
		if b, ok := sig.Params().At(i).Type().Underlying().(*types.Basic); ok && b.Kind() == types.String {
			text = i
			break
		}
	}
	if last := sig.Params().Len() - 1; text >= 0 && sig.Variadic() && last == text+1 {
		if s, ok := sig.Params().At(last).Type().Underlying().(*types.Slice); ok && types.IsInterface(s.Elem()) && s.Elem().Underlying().(*types.Interface).NumMethods() == 0 {
			rest = last
		}
	}
	return text, rest
}

// answers reports whether a function returns an error or something to Scan, as what runs SQL does, and what is given
// SQL for its log does not.
func answers(sig *types.Signature) bool {
	for result := range sig.Results().Variables() {
		if types.Identical(result.Type(), types.Universe.Lookup("error").Type()) {
			return true
		}
		if scan, _, _ := types.LookupFieldOrMethod(result.Type(), true, nil, "Scan"); scan != nil {
			return true
		}
	}
	return false
}
