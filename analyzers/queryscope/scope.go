package queryscope

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// state says whether the tenant is set on a handle.
type state int

const (
	// unknownHandle: it comes from where the analysis does not see.
	unknownHandle state = iota
	// unscoped: a pool, or a connection or transaction on which the tenant was not set before.
	unscoped
	// scoped: the tenant was set on it on every path.
	scoped
	// parameter: whoever calls the function decides.
	parameter
)

// handle is what is known of a handle at some place.
type handle struct {
	state state
	param int       // the parameter, receiver included, for state parameter
	pos   token.Pos // where an unscoped handle arises
	what  string    // what it is: "a connection pool"
}

// scopes decides about the handles of one package.
type scopes struct {
	*checker
	sets  map[*ssa.Function][]setting // by the function the setting stands in
	ends  map[*ssa.Function][]ending
	facts map[*ssa.Function]*scopeFact
	needs map[*ssa.Function][]need
	open  map[ssa.Value]bool
}

func newScopes(c *checker) *scopes {
	s := &scopes{
		checker: c, sets: map[*ssa.Function][]setting{}, ends: map[*ssa.Function][]ending{}, facts: map[*ssa.Function]*scopeFact{},
		needs: map[*ssa.Function][]need{}, open: map[ssa.Value]bool{},
	}
	for _, call := range c.flow.Calls {
		// On a pool the next statement may run on another connection.
		if call.Handle == nil || call.Kind == models.Pool {
			continue
		}
		for _, t := range call.Templates {
			s.note(call, s.effectOf(t))
		}
	}
	return s
}

// note keeps what a call does to the tenant of its handle.
func (s *scopes) note(call *sqlflow.Call, e effect) {
	if !ssaflow.Completes(call.Instr) {
		return // the statements behind it do not meet what it does
	}
	h := canonical(call.Handle)
	if e.ends {
		s.ends[call.Fn] = append(s.ends[call.Fn], ending{h, call.Instr, e.commits})
	}
	if !e.sets {
		return
	}
	s.sets[call.Fn] = append(s.sets[call.Fn], setting{h, call.Instr, e.session})
	if call.Kind != models.Batch {
		return
	}
	// What a batch sets, its handle keeps.
	if h, sent := s.sentOn(call); h != nil && ssaflow.Completes(sent) && models.KindOf(canonical(h).Type()) != models.Pool {
		s.sets[call.Fn] = append(s.sets[call.Fn], setting{canonical(h), sent, e.session})
	}
}

// of says whether the tenant is set on a handle when an instruction runs.
func (s *scopes) of(v ssa.Value, at ssa.Instruction) handle {
	if v == nil {
		return handle{}
	}
	h := canonical(v)
	if s.open[h] {
		return handle{}
	}
	s.open[h] = true
	defer delete(s.open, h)
	if models.KindOf(h.Type()) == models.Pool { // also behind a function that scopes a connection of it
		return handle{state: unscoped, pos: h.Pos(), what: "a connection pool"}
	}
	if s.isSet(h, at) {
		return handle{state: scoped}
	}
	if end := s.ended(h, at); end != nil {
		return handle{state: unscoped, pos: end.instr.Pos(), what: "a connection whose transaction, and the tenant with it, has ended"}
	}
	switch h := h.(type) {
	case *ssa.Parameter:
		return s.ofParameter(h)
	case *ssa.Extract:
		if call, ok := h.Tuple.(*ssa.Call); ok {
			return s.ofCall(call, at)
		}
	case *ssa.Call:
		return s.ofCall(h, at)
	case *ssa.Phi:
		return s.ofAll(h.Edges, at)
	case *ssa.FreeVar:
		return s.ofFree(h)
	case *ssa.Alloc:
		return s.ofAll(handleFields(h), at)
	case *ssa.UnOp:
		if h.Op == token.MUL {
			return s.ofLoad(h.X, at)
		}
	case *ssa.Field:
		return s.of(h.X, at)
	}
	return handle{}
}

// duringCall says whether the tenant is set on a handle whenever a call on it is executed. What a deferred call meets
// where its function reports an error does not count beside a scoped handle: that the setting failed is such an error.
func (s *scopes) duringCall(v ssa.Value, call ssa.CallInstruction) handle {
	var all, failed []handle
	for _, at := range ssaflow.Executions(call) {
		h := s.of(v, at)
		end, ok := at.Block().Instrs[len(at.Block().Instrs)-1].(*ssa.Return)
		if _, deferred := call.(*ssa.Defer); deferred && ok && h.state != scoped && mayFail(end) {
			failed = append(failed, h)
			continue
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return worst(failed)
	}
	return worst(all)
}

// ofAll joins the handles that several values may be.
func (s *scopes) ofAll(values []ssa.Value, at ssa.Instruction) handle {
	var all []handle
	for _, v := range values {
		if c, ok := v.(*ssa.Const); ok && c.IsNil() {
			continue
		}
		all = append(all, s.of(v, at))
	}
	return worst(all)
}

// worst joins several handles: one that is not scoped decides.
func worst(all []handle) handle {
	for _, want := range []state{unscoped, unknownHandle, parameter, scoped} {
		if i := slices.IndexFunc(all, func(h handle) bool { return h.state == want }); i >= 0 {
			return all[i]
		}
	}
	return handle{}
}

// ofParameter is the handle given to a function; a function literal is asked for where it is passed.
func (s *scopes) ofParameter(p *ssa.Parameter) handle {
	fn := p.Parent()
	index := slices.Index(fn.Params, p)
	if fn.Parent() == nil {
		if s.config.IsScoper(ssaflow.Object(fn)) {
			return handle{state: scoped}
		}
		return handle{state: parameter, param: index}
	}
	for _, instr := range s.calls[ssaflow.Declared(fn)] {
		for i, arg := range instr.Common().Args {
			if ssaflow.Literal(arg) != fn {
				continue
			}
			callee := instr.Common().StaticCallee()
			switch {
			case callee == nil:
				if s.config.IsScoper(instr.Common().Method) {
					return handle{state: scoped}
				}
				return handle{}
			case s.config.IsScoper(ssaflow.Object(callee)), slices.Contains(s.fact(callee).Callbacks, i):
				return handle{state: scoped}
			case begins(callee):
				return s.begun(instr.Common().Args[1], instr, instr.Pos())
			}
		}
	}
	return handle{}
}

// begins reports whether a function of a library calls back with a transaction it begins on its second
// argument, behind the context.
func begins(fn *ssa.Function) bool {
	o := ssaflow.Object(fn)
	return o != nil && len(fn.Blocks) == 0 && (o.Name() == "BeginFunc" || o.Name() == "BeginTxFunc") && fn.Signature.Params().Len() > 2
}

// begun is a transaction that is begun on a handle. In a transaction it is a savepoint, to which the
// setting applies as well (PostgreSQL manual, SET).
func (s *scopes) begun(on ssa.Value, at ssa.Instruction, pos token.Pos) handle {
	h := s.of(on, at)
	if h.state == scoped || models.KindOf(canonical(on).Type()) == models.Tx {
		return h
	}
	return handle{state: unscoped, pos: pos, what: "a transaction on which no tenant is set"}
}

// ofFree is a captured handle, as it is where the closure is made.
func (s *scopes) ofFree(v *ssa.FreeVar) handle {
	bound, closure := ssaflow.Binding(v)
	if closure == nil {
		return handle{}
	}
	if alloc, ok := bound.(*ssa.Alloc); ok {
		bound = ssaflow.StoredOnce(alloc)
	}
	return s.of(bound, closure) // of nil, nothing is known
}

// ofLoad is a handle read from a variable or field. A field of a struct that was given to the
// function is as scoped as the struct.
func (s *scopes) ofLoad(addr ssa.Value, at ssa.Instruction) handle {
	switch addr := addr.(type) {
	case *ssa.FreeVar:
		return s.ofFree(addr)
	case *ssa.FieldAddr:
		if alloc, ok := canonical(addr.X).(*ssa.Alloc); ok {
			return s.ofAll(handleFields(alloc), at)
		}
		return s.of(addr.X, at)
	case *ssa.Alloc:
		return s.ofAll(ssaflow.Stored(addr), at)
	}
	return handle{}
}

// ofCall is a handle that a call returns.
func (s *scopes) ofCall(call *ssa.Call, at ssa.Instruction) handle {
	if callee := call.Common().StaticCallee(); callee != nil {
		args := call.Common().Args
		fact := s.fact(callee)
		switch {
		case fact.Returns:
			return handle{state: scoped}
		case fact.Unscoped != "":
			return handle{state: unscoped, pos: call.Pos(), what: fact.Unscoped}
		case fact.Holds > 0 && fact.Holds-1 < len(args):
			return s.of(args[fact.Holds-1], at)
		}
	}
	fn := ssaflow.Callee(call)
	if fn == nil {
		return handle{}
	}
	if s.config.IsScoper(fn) {
		return handle{state: scoped}
	}
	if models.Begins(fn) {
		on, _ := ssaflow.Receiver(call)
		return s.begun(on, at, call.Pos())
	}
	if name := fn.Name(); name == "Acquire" || name == "Conn" {
		if models.KindOf(resultType(call)) == models.Conn {
			return handle{state: unscoped, pos: call.Pos(), what: "a connection on which no tenant is set"}
		}
	}
	return handle{}
}

func resultType(call *ssa.Call) types.Type {
	if tuple, ok := call.Type().(*types.Tuple); ok && tuple.Len() > 0 {
		return tuple.At(0).Type()
	}
	return call.Type()
}
