package queryscope

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// forward follows values through a function to everything that is computed from them. It errs on
// the side of finding a use: what a use cannot be told from is taken for one.
type forward struct {
	*checker
	reached map[ssa.Value]bool
	work    []ssa.Value
	// calls are the calls that take a reached value.
	calls map[ssa.CallInstruction]bool
	// compared says that a reached value is compared with something that is no constant.
	compared bool
}

func newForward(c *checker) *forward {
	return &forward{checker: c, reached: map[ssa.Value]bool{}, calls: map[ssa.CallInstruction]bool{}}
}

func (f *forward) add(v ssa.Value) {
	if v != nil && !f.reached[v] {
		f.reached[v] = true
		f.work = append(f.work, v)
	}
}

func (f *forward) run() {
	for len(f.work) > 0 {
		v := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		if v.Referrers() == nil {
			continue
		}
		for _, ref := range *v.Referrers() {
			f.use(v, ref)
		}
	}
}

func (f *forward) use(v ssa.Value, ref ssa.Instruction) {
	switch ref := ref.(type) {
	case *ssa.Store:
		if ref.Val == v {
			f.into(ref.Addr)
		}
	case *ssa.MapUpdate:
		f.into(ref.Map)
	case *ssa.Send:
		f.into(ref.Chan)
	case *ssa.BinOp:
		if comparison(ref.Op) {
			f.compare(v, ref)
			return
		}
		f.add(ref)
	case *ssa.MakeClosure:
		target, ok := ref.Fn.(*ssa.Function)
		for i, bound := range ref.Bindings {
			if ok && bound == v {
				f.add(target.FreeVars[i])
			}
		}
		f.add(ref)
	case *ssa.Call:
		f.call(v, ref)
	case *ssa.Defer:
		f.call(v, ref)
	case *ssa.Go:
		f.call(v, ref)
	case ssa.Value:
		f.add(ref)
	}
}

func comparison(op token.Token) bool {
	return slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ}, op)
}

// compare notes a comparison; one with a constant only asks whether there is a tenant.
func (f *forward) compare(v ssa.Value, op *ssa.BinOp) {
	other := op.X
	if other == v {
		other = op.Y
	}
	if _, ok := other.(*ssa.Const); !ok && !isZero(other) {
		f.compared = true
	}
}

// isZero reports whether a value is a package variable such as uuid.Nil.
func isZero(v ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	_, ok = load.X.(*ssa.Global)
	return ok
}

// into marks what a value is put into: the variable, or the struct whose field it becomes.
func (f *forward) into(addr ssa.Value) {
	for {
		f.add(addr)
		switch a := addr.(type) {
		case *ssa.FieldAddr:
			addr = a.X
		case *ssa.IndexAddr:
			addr = a.X
		case *ssa.UnOp:
			addr = a.X
		case *ssa.FreeVar:
			bound, _ := ssaflow.Binding(a)
			f.add(bound)
			return
		default:
			return
		}
	}
}

func (f *forward) call(v ssa.Value, call ssa.CallInstruction) {
	common := call.Common()
	if value := call.Value(); value != nil {
		f.add(value)
	}
	if b, ok := common.Value.(*ssa.Builtin); ok {
		if b.Name() == "copy" {
			f.into(common.Args[0])
		}
		return
	}
	f.calls[call] = true
	if f.isSink(call) {
		return // the handle does not become the tenant's by one statement on it
	}
	if observes(ssaflow.Callee(call)) {
		return
	}
	// What the function was given beside the tenant may hold it now: a builder, a map, a list.
	if common.IsInvoke() {
		f.given(common.Value)
	}
	for _, arg := range common.Args {
		f.given(arg)
	}
}

// given marks what a call may have put the tenant into. What the function itself was given, such as
// its receiver, its context and handles, does not become the tenant's by one call.
func (f *forward) given(arg ssa.Value) {
	switch arg.Type().Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice, *types.Interface:
	default:
		return
	}
	root := arg
	for {
		switch v := root.(type) {
		case *ssa.FieldAddr:
			root = v.X
			continue
		case *ssa.UnOp:
			root = v.X
			continue
		case *ssa.MakeInterface:
			root = v.X
			continue
		case *ssa.Parameter, *ssa.FreeVar, *ssa.Global:
			return
		}
		break
	}
	if !isContext(arg.Type()) && !carriesHandle(arg.Type()) {
		f.into(arg)
	}
}

func (f *forward) isSink(call ssa.CallInstruction) bool {
	_, ok := models.SinkOf(ssaflow.Callee(call))
	return ok && !slices.ContainsFunc(f.scopes.sets[call.Parent()], func(s setting) bool { return s.instr == call })
}

// observers are parts of the import paths of packages whose functions watch and decide nothing:
// logs, traces, metrics, errors.
var observers = []string{
	"log", "slog", "zap", "zerolog", "logrus", "logger", "logging", "otel", "opentelemetry", "trace", "tracing", "telemetry",
	"attribute", "metrics", "metric", "prometheus", "sentry", "errors", "fmt", "oops", "datadog", "span", "attr",
}

// observes reports whether a function only watches, converts or formats what it is given.
func observes(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	path := fn.Pkg().Path()
	for _, segment := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '.' || r == '-' || r == '_' }) {
		if slices.Contains(observers, segment) {
			return true
		}
	}
	first, _, _ := strings.Cut(path, "/")
	standard := !strings.Contains(first, ".")
	return standard || strings.HasSuffix(path, "/uuid") || strings.HasPrefix(fn.Name(), "Parse")
}

// decides reports whether the tenant takes part in a call, in a call before it that can decide
// whether it is reached, or in one after it together with its result.
func (f *forward) decides(suspect ssa.CallInstruction) bool {
	if f.calls[suspect] {
		return true
	}
	var after *forward
	for call := range f.calls {
		if observes(ssaflow.Callee(call)) {
			continue
		}
		if call.Parent() != suspect.Parent() || canPrecede(call, suspect) {
			return true
		}
		if after == nil {
			after = newForward(f.checker)
			if value := suspect.Value(); value != nil { // go and defer give none
				after.add(value)
			}
			after.run()
		}
		if after.calls[call] {
			return true
		}
	}
	return false
}

// canPrecede reports whether one instruction can run before another one of the same function. Of a
// loop of one block only one round is looked at.
func canPrecede(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		return ssaflow.Dominates(a, b)
	}
	return ssaflow.Reaches(a.Block(), b.Block())
}
