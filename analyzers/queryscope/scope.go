package queryscope

import (
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
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
	facts map[*ssa.Function]*scopeFact
	needs map[*ssa.Function][]need
	open  map[ssa.Value]bool
}

// setting is a statement or call that sets the tenant on a handle.
type setting struct {
	handle ssa.Value // canonical
	instr  ssa.Instruction
}

func newScopes(c *checker) *scopes {
	s := &scopes{
		checker: c, sets: map[*ssa.Function][]setting{}, facts: map[*ssa.Function]*scopeFact{},
		needs: map[*ssa.Function][]need{}, open: map[ssa.Value]bool{},
	}
	for _, call := range c.flow.Calls {
		if call.Handle != nil && slices.ContainsFunc(call.Templates, s.setsTenant) {
			s.sets[call.Fn] = append(s.sets[call.Fn], setting{canonical(call.Handle), call.Instr})
		}
	}
	return s
}

var (
	setStatement = regexp.MustCompile(`(?i)^\s*set\s+(?:session\s+|local\s+)?([\w."]+)\s*(?:=|\sto\s)`)
	setConfig    = regexp.MustCompile(`(?i)\bset_config\s*\(\s*'([^']*)'`)
)

// setsTenant reports whether a statement sets a setting that carries the tenant: one that the model
// names or, where it names none, any custom one. A role or schema per tenant counts as well.
func (s *scopes) setsTenant(t sqlflow.Template) bool {
	text := t.String()
	for _, pattern := range []*regexp.Regexp{setStatement, setConfig} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			name := strings.ReplaceAll(m[1], `"`, "")
			if s.isTenantSetting(name) {
				return true
			}
		}
	}
	return false
}

func (s *scopes) isTenantSetting(name string) bool {
	m := s.config.Model()
	if len(m.Settings) > 0 {
		return m.IsTenantSetting(name)
	}
	return strings.Contains(name, ".") || m.Pattern == tenancy.SchemaPerTenant && strings.EqualFold(name, "search_path")
}

// canonical strips conversions and variables that are assigned once off a handle, so that two uses
// of one handle are the same value.
func canonical(v ssa.Value) ssa.Value {
	for {
		switch u := v.(type) {
		case *ssa.MakeInterface:
			v = u.X
		case *ssa.ChangeInterface:
			v = u.X
		case *ssa.ChangeType:
			v = u.X
		case *ssa.TypeAssert:
			v = u.X
		case *ssa.Extract:
			if assert, ok := u.Tuple.(*ssa.TypeAssert); ok && u.Index == 0 {
				v = assert.X
				continue
			}
			return v
		case *ssa.UnOp:
			alloc, ok := u.X.(*ssa.Alloc)
			if u.Op != token.MUL || !ok {
				return v
			}
			stored := storedOnce(alloc)
			if stored == nil {
				return v
			}
			v = stored
		default:
			return v
		}
	}
}

// storedOnce returns the one value that is stored in a local variable, nil if there are several.
func storedOnce(alloc *ssa.Alloc) ssa.Value {
	var stored ssa.Value
	for _, ref := range *alloc.Referrers() {
		store, ok := ref.(*ssa.Store)
		if !ok || store.Addr != ssa.Value(alloc) {
			continue
		}
		if stored != nil {
			return nil
		}
		stored = store.Val
	}
	return stored
}

// sameHandle reports whether two canonical values are the same handle: also the same field of the
// same struct, read twice.
func sameHandle(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, ok := a.(*ssa.UnOp)
	y, ok2 := b.(*ssa.UnOp)
	if !ok || !ok2 || x.Op != token.MUL || y.Op != token.MUL {
		return false
	}
	f, ok := x.X.(*ssa.FieldAddr)
	g, ok2 := y.X.(*ssa.FieldAddr)
	if ok && ok2 {
		return f.Field == g.Field && sameHandle(canonical(f.X), canonical(g.X))
	}
	return x.X == y.X
}

// precedes reports whether an instruction is executed on every path before another one of the same
// function.
func precedes(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		return slices.Index(a.Block().Instrs, a) < slices.Index(b.Block().Instrs, b)
	}
	return a.Parent() == b.Parent() && a.Block().Dominates(b.Block())
}

// isSet reports whether the tenant is set on a canonical handle on every path before an instruction.
func (s *scopes) isSet(h ssa.Value, at ssa.Instruction) bool {
	fn := at.Parent()
	for _, set := range s.sets[fn] {
		if sameHandle(set.handle, h) && precedes(set.instr, at) {
			return true
		}
	}
	for _, instr := range s.calls[declared(fn)] {
		if instr.Parent() != fn || !precedes(instr, at) {
			continue
		}
		for i, arg := range instr.Common().Args {
			if sameHandle(canonical(arg), h) && s.setsParam(instr, i) {
				return true
			}
		}
	}
	return false
}

// setsParam reports whether a call sets the tenant on its i-th argument, receiver included.
func (s *scopes) setsParam(instr ssa.CallInstruction, i int) bool {
	callee := instr.Common().StaticCallee()
	if callee == nil {
		return false
	}
	if s.config.IsScoper(object(origin(callee))) {
		return true
	}
	return slices.Contains(s.fact(callee).Sets, i)
}

func origin(fn *ssa.Function) *ssa.Function {
	if o := fn.Origin(); o != nil {
		return o
	}
	return fn
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
	if s.isSet(h, at) {
		return handle{state: scoped}
	}
	if models.KindOf(h.Type()) == models.Pool {
		return handle{state: unscoped, pos: h.Pos(), what: "a connection pool"}
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

// ofAll joins several handles: one that is not scoped decides.
func (s *scopes) ofAll(values []ssa.Value, at ssa.Instruction) handle {
	var all []handle
	for _, v := range values {
		if c, ok := v.(*ssa.Const); ok && c.IsNil() {
			continue
		}
		all = append(all, s.of(v, at))
	}
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
		if s.config.IsScoper(object(fn)) {
			return handle{state: scoped}
		}
		return handle{state: parameter, param: index}
	}
	for _, instr := range s.calls[declared(fn)] {
		for i, arg := range instr.Common().Args {
			if literalOf(arg) != fn {
				continue
			}
			callee := instr.Common().StaticCallee()
			switch {
			case callee == nil:
				if s.config.IsScoper(instr.Common().Method) {
					return handle{state: scoped}
				}
				return handle{}
			case s.config.IsScoper(object(origin(callee))), slices.Contains(s.fact(callee).Callbacks, i):
				return handle{state: scoped}
			case begins(callee):
				return handle{state: unscoped, pos: instr.Pos(), what: "a transaction on which no tenant is set"}
			}
		}
	}
	return handle{}
}

// literalOf returns the function literal that a value is.
func literalOf(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		fn, _ := v.Fn.(*ssa.Function)
		return fn
	case *ssa.ChangeType:
		return literalOf(v.X)
	}
	return nil
}

// begins reports whether a function of a library calls back with a transaction it begins.
func begins(fn *ssa.Function) bool {
	o := object(origin(fn))
	return o != nil && len(fn.Blocks) == 0 && (o.Name() == "BeginFunc" || o.Name() == "BeginTxFunc")
}

// ofFree is a captured handle, as it is where the closure is made.
func (s *scopes) ofFree(v *ssa.FreeVar) handle {
	fn := v.Parent()
	i := slices.Index(fn.FreeVars, v)
	for _, block := range fn.Parent().Blocks {
		for _, instr := range block.Instrs {
			if closure, ok := instr.(*ssa.MakeClosure); ok && closure.Fn == ssa.Value(fn) {
				if alloc, ok := closure.Bindings[i].(*ssa.Alloc); ok {
					if stored := storedOnce(alloc); stored != nil {
						return s.of(stored, closure)
					}
					return handle{}
				}
				return s.of(closure.Bindings[i], closure)
			}
		}
	}
	return handle{}
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
		var stored []ssa.Value
		for _, ref := range *addr.Referrers() {
			if store, ok := ref.(*ssa.Store); ok && store.Addr == ssa.Value(addr) {
				stored = append(stored, store.Val)
			}
		}
		return s.ofAll(stored, at)
	}
	return handle{}
}

// handleFields returns the handles that are stored in the fields of a local struct.
func handleFields(alloc *ssa.Alloc) []ssa.Value {
	var values []ssa.Value
	for _, ref := range *alloc.Referrers() {
		field, ok := ref.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, use := range *field.Referrers() {
			if store, ok := use.(*ssa.Store); ok && store.Addr == ssa.Value(field) && carriesHandle(store.Val.Type()) {
				values = append(values, store.Val)
			}
		}
	}
	return values
}

// carriesHandle reports whether a type is a handle or a struct that is built on one, such as the
// Queries of sqlc.
func carriesHandle(t types.Type) bool {
	if models.IsHandle(t) {
		return true
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if models.IsHandle(f.Type()) {
			return true
		}
	}
	return false
}

// ofCall is a handle that a call returns.
func (s *scopes) ofCall(call *ssa.Call, at ssa.Instruction) handle {
	common := call.Common()
	var fn *types.Func
	if common.IsInvoke() {
		fn = common.Method
	} else if callee := common.StaticCallee(); callee != nil {
		fn = object(origin(callee))
		fact := s.fact(callee)
		switch {
		case fact.Returns:
			return handle{state: scoped}
		case fact.Unscoped != "":
			return handle{state: unscoped, pos: call.Pos(), what: fact.Unscoped}
		case fact.Holds > 0 && fact.Holds-1 < len(common.Args):
			return s.of(common.Args[fact.Holds-1], at)
		}
	}
	if fn == nil {
		return handle{}
	}
	if s.config.IsScoper(fn) {
		return handle{state: scoped}
	}
	if models.Begins(fn) {
		return handle{state: unscoped, pos: call.Pos(), what: "a transaction on which no tenant is set"}
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

// require checks the handle that a statement needs to be scoped.
func (s *scopes) require(j *judgement) {
	at := j.call.Instr
	h := j.call.Handle
	if j.call.Kind == models.Batch {
		h, at = s.sentOn(j.call)
	}
	here := finding.Related{Position: j.at, Message: "the statement on " + j.needs + " relies on row-level security"}
	s.settle(s.of(h, at), declared(j.call.Fn), at, need{Table: j.needs, Chain: []finding.Related{here}})
}

// sentOn returns the handle on which the batch of a call is sent.
func (s *scopes) sentOn(call *sqlflow.Call) (ssa.Value, ssa.CallInstruction) {
	for _, instr := range s.calls[declared(call.Fn)] {
		common := instr.Common()
		args := common.Args
		var receiver ssa.Value
		var name string
		if common.IsInvoke() {
			receiver, name = common.Value, common.Method.Name()
		} else if callee := common.StaticCallee(); callee != nil && len(args) > 0 {
			receiver, name, args = args[0], callee.Name(), args[1:]
		}
		if name == "SendBatch" && len(args) == 2 && sameHandle(canonical(args[1]), canonical(call.Handle)) {
			return receiver, instr
		}
	}
	return nil, call.Instr
}

// settle reports an unscoped handle, passes a parameter's obligation on to the callers, and counts
// a handle that is not known.
func (s *scopes) settle(h handle, owner *ssa.Function, at ssa.CallInstruction, n need) {
	switch h.state {
	case unscoped:
		f := finding.New("query-unscoped", n.Chain[len(n.Chain)-1].Position, n.Table,
			"statement on %s runs on %s: row-level security then has no tenant to confine it to", n.Table, h.what)
		if len(n.Chain) > 1 {
			f.Position = s.reporter.Position(at.Pos())
			f.Related = n.Chain
		}
		if h.pos.IsValid() {
			f.Related = append(f.Related, finding.Related{Position: s.reporter.Position(h.pos), Message: "the handle comes from here"})
		}
		f.Fix = s.fix()
		s.reporter.Report(at.Pos(), f)
	case parameter:
		n.Param = h.param
		known := slices.ContainsFunc(s.needs[owner], func(m need) bool { return m.Param == n.Param && m.Table == n.Table })
		if !known {
			s.needs[owner] = append(s.needs[owner], n)
		}
	case unknownHandle:
		s.reporter.Undecided(at.Pos(), n.Table, "handle-unknown",
			"the statement on "+n.Table+" relies on row-level security, and whether the tenant is set on its handle is not known")
	}
}

func (s *scopes) fix() *finding.Fix {
	setting := "app.tenant_id"
	if m := s.config.Model(); len(m.Settings) > 0 {
		setting = m.Settings[0]
	}
	return &finding.Fix{
		Message: "run it in a transaction that sets the tenant first",
		Code:    "tx.Exec(ctx, `SELECT set_config('" + setting + "', $1, true)`, tenantID)",
	}
}
