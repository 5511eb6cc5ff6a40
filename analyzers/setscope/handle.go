package setscope

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
)

// place is what a handle is to a setting made on it.
type place int

const (
	// anywhere handles are not known: interfaces from outside.
	anywhere place = iota
	// pool handles take another connection for each call.
	pool
	// pooled handles are one connection that goes back to a pool.
	pooled
	// own handles are a connection that no one else gets.
	own
	// transaction handles are one transaction.
	transaction
)

// handle is the origin of a handle.
type handle struct {
	place place
	// value is the handle itself: two uses of one handle have the same value.
	value ssa.Value
	// param is the parameter of the declared function that the handle is, or -1.
	param int
	// named says that the name of an interface handle is that of a transaction.
	named bool
}

// originOf follows a handle to where it comes from.
func (c *checker) originOf(v ssa.Value) handle {
	h := handle{value: c.canonical(v), param: -1}
	if h.value == nil {
		return h
	}
	if p, ok := h.value.(*ssa.Parameter); ok && p.Parent().Parent() == nil {
		h.param = slices.Index(p.Parent().Params, p)
	}
	h.place, h.named = c.placeOf(h.value, 0)
	return h
}

// maxDepth bounds the calls that a handle is followed through.
const maxDepth = 10

// placeOf decides by the type of a handle, and where the type does not tell by how it was made.
func (c *checker) placeOf(v ssa.Value, depth int) (p place, named bool) {
	if depth > maxDepth {
		return anywhere, false
	}
	switch models.KindOf(v.Type()) {
	case models.Pool:
		return pool, false
	case models.Tx:
		return transaction, false
	case models.Conn:
		return c.connection(v), false
	}
	if isGorm(v.Type()) {
		return c.gorm(v, depth)
	}
	switch v := v.(type) {
	case *ssa.Parameter:
		return anywhere, isTxName(v.Name())
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return c.made(call), false
		}
	case *ssa.Call:
		return c.made(v), false
	case *ssa.UnOp:
		if field, ok := v.X.(*ssa.FieldAddr); ok {
			return anywhere, isTxName(fieldName(field))
		}
	}
	return anywhere, false
}

// made is the place of a handle of an interface type that a call returns.
func (c *checker) made(call *ssa.Call) place {
	fn := calleeOf(call)
	if models.Begins(fn) {
		return transaction
	}
	return anywhere
}

// connection tells the connections of a pool from one's own.
func (c *checker) connection(v ssa.Value) place {
	named, _ := types.Unalias(deref(v.Type())).(*types.Named)
	if named == nil || named.Obj().Pkg() == nil {
		return anywhere
	}
	switch path := named.Obj().Pkg().Path(); path {
	case "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v4":
		call, _ := v.(*ssa.Call)
		if extract, ok := v.(*ssa.Extract); ok {
			call, _ = extract.Tuple.(*ssa.Call)
		}
		if fn := calleeOf(call); fn != nil {
			switch fn.Name() {
			case "Connect", "ConnectConfig", "ConnectWithOptions", "Hijack":
				return own
			case "Conn": // (*pgxpool.Conn).Conn, (pgx.Tx).Conn
				return pooled
			}
		}
		return anywhere
	}
	return pooled
}

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
		fn := calleeOf(v)
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
			if fn := calleeOf(call); fn != nil && fn.Name() == "Open" {
				return pool, false
			}
		}
	}
	return anywhere, false
}

// givenTo reports whether a function literal is passed to a method of one of the names.
func (c *checker) givenTo(literal *ssa.Function, names ...string) bool {
	for _, call := range c.callsIn(declared(literal)) {
		fn := calleeOf(call)
		if fn == nil || !slices.Contains(names, fn.Name()) {
			continue
		}
		if slices.ContainsFunc(call.Common().Args, func(arg ssa.Value) bool { return literalOf(arg) == literal }) {
			return true
		}
	}
	return false
}

func isGorm(t types.Type) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "gorm.io/gorm" && named.Obj().Name() == "DB"
}

func isTxName(name string) bool {
	switch name {
	case "tx", "Tx", "txn", "trx", "transaction":
		return true
	}
	return false
}

func fieldName(addr *ssa.FieldAddr) string {
	st, ok := deref(addr.X.Type()).Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	return st.Field(addr.Field).Name()
}

// canonical strips conversions and variables that are assigned once off a handle, so that two uses
// of one handle are the same value, also in a function literal that captures it.
func (c *checker) canonical(v ssa.Value) ssa.Value {
	for range 64 {
		switch u := v.(type) {
		case *ssa.MakeInterface:
			v = u.X
		case *ssa.ChangeInterface:
			v = u.X
		case *ssa.ChangeType:
			v = u.X
		case *ssa.Call:
			inner := builtOn(u)
			if inner == nil {
				return v
			}
			v = inner
		case *ssa.Alloc:
			inner := handleIn(u)
			if inner == nil {
				return v
			}
			v = inner
		case *ssa.FreeVar:
			bound := bindingOf(u)
			if bound == nil {
				return v
			}
			v = bound
		case *ssa.UnOp:
			if u.Op != token.MUL {
				return v
			}
			addr := u.X
			if free, ok := addr.(*ssa.FreeVar); ok {
				if bound := bindingOf(free); bound != nil {
					addr = c.canonical(bound)
				}
			}
			alloc, ok := addr.(*ssa.Alloc)
			if !ok {
				return c.sameLoad(u)
			}
			stored := storedOnce(alloc)
			if stored == nil {
				return alloc
			}
			v = stored
		default:
			return v
		}
	}
	return v
}

// sameLoad gives two reads of one field of one struct the same value.
func (c *checker) sameLoad(load *ssa.UnOp) ssa.Value {
	field, ok := load.X.(*ssa.FieldAddr)
	if ok && models.IsHandle(load.Type()) {
		// What a function is given a struct for, such as the Queries of sqlc, runs on the handle in it.
		switch of := c.canonical(field.X).(type) {
		case *ssa.Parameter:
			if models.KindOf(load.Type()) == models.Unknown && !isGorm(load.Type()) {
				return of
			}
		default:
			if models.IsHandle(of.Type()) {
				return of
			}
		}
	}
	if !ok {
		if global, ok := load.X.(*ssa.Global); ok {
			return c.first(loadKey{global, 0}, load)
		}
		return load
	}
	return c.first(loadKey{c.canonical(field.X), field.Field}, load)
}

// loadKey names a field of a struct, or a package variable.
type loadKey struct {
	of    ssa.Value
	field int
}

func (c *checker) first(key loadKey, load *ssa.UnOp) ssa.Value {
	if known, ok := c.loads[key]; ok {
		return known
	}
	c.loads[key] = load
	return load
}

// builtOn returns the handle that a call builds a struct on, as db.New(conn) and queries.WithTx(tx)
// of sqlc do, or nil.
func builtOn(call *ssa.Call) ssa.Value {
	if models.IsHandle(call.Type()) || isGorm(call.Type()) || !holdsHandle(call.Type()) {
		return nil
	}
	_, args := receiverOf(call)
	for _, arg := range slices.Backward(args) {
		if models.IsHandle(arg.Type()) {
			return arg
		}
	}
	return nil
}

// handleIn returns the handle that is stored in a field of a local struct, or nil.
func handleIn(alloc *ssa.Alloc) ssa.Value {
	if !holdsHandle(alloc.Type()) {
		return nil
	}
	for _, ref := range *alloc.Referrers() {
		field, ok := ref.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, use := range *field.Referrers() {
			if store, ok := use.(*ssa.Store); ok && store.Addr == ssa.Value(field) && models.IsHandle(store.Val.Type()) {
				return store.Val
			}
		}
	}
	return nil
}

// holdsHandle reports whether a type is a struct, or a pointer to one, with a handle in a field.
func holdsHandle(t types.Type) bool {
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok || models.KindOf(t) != models.Unknown {
		return false
	}
	for field := range st.Fields() {
		if models.IsHandle(field.Type()) {
			return true
		}
	}
	return false
}

// bindingOf returns the value that a captured variable has where the closure is made.
func bindingOf(v *ssa.FreeVar) ssa.Value {
	fn := v.Parent()
	i := slices.Index(fn.FreeVars, v)
	if fn.Parent() == nil || i < 0 {
		return nil
	}
	for _, block := range fn.Parent().Blocks {
		for _, instr := range block.Instrs {
			if closure, ok := instr.(*ssa.MakeClosure); ok && closure.Fn == ssa.Value(fn) && i < len(closure.Bindings) {
				return closure.Bindings[i]
			}
		}
	}
	return nil
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

// calleeOf returns the function or interface method that a call leads to, nil for a function value.
func calleeOf(call ssa.CallInstruction) *types.Func {
	if call == nil || call == (*ssa.Call)(nil) {
		return nil
	}
	common := call.Common()
	if common.IsInvoke() {
		return common.Method
	}
	static := common.StaticCallee()
	if static == nil {
		return nil
	}
	if o := static.Origin(); o != nil {
		static = o
	}
	fn, _ := static.Object().(*types.Func)
	return fn
}

// receiverOf returns the receiver and the arguments behind it of a method call.
func receiverOf(call ssa.CallInstruction) (ssa.Value, []ssa.Value) {
	common := call.Common()
	if common.IsInvoke() {
		return common.Value, common.Args
	}
	if fn := calleeOf(call); fn != nil && fn.Signature().Recv() != nil && len(common.Args) > 0 {
		return common.Args[0], common.Args[1:]
	}
	return nil, common.Args
}

// literalOf returns the function that a value is.
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

// declared returns the declared function that a function literal stands in.
func declared(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
