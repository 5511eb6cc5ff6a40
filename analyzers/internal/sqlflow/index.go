package sqlflow

import (
	"go/token"
	"go/types"
	"sort"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
)

// index holds, for one package, what is stored where and who calls whom.
type index struct {
	program     *lazyssa.Program
	stored      map[*ssa.Global][]*ssa.Store
	escaped     map[*ssa.Global]bool // its address goes somewhere
	fieldStores map[*types.Var][]ssa.Value
	closures    map[*ssa.Function][]*ssa.MakeClosure
	calls       []callSite
	ranges      []funcRange // top-level functions by position
}

// callSite is a call in a function.
type callSite struct {
	fn    *ssa.Function
	instr ssa.CallInstruction
}

type funcRange struct {
	from, to token.Pos
	fn       *ssa.Function
}

func newIndex(program *lazyssa.Program) *index {
	x := &index{
		program: program, stored: map[*ssa.Global][]*ssa.Store{}, escaped: map[*ssa.Global]bool{},
		fieldStores: map[*types.Var][]ssa.Value{}, closures: map[*ssa.Function][]*ssa.MakeClosure{},
	}
	x.scan(program.Pkg.Func("init"))
	for _, fn := range program.Funcs {
		x.scan(fn)
		if fn.Parent() == nil && fn.Syntax() != nil {
			x.ranges = append(x.ranges, funcRange{fn.Syntax().Pos(), fn.Syntax().End(), fn})
		}
	}
	sort.Slice(x.ranges, func(i, j int) bool { return x.ranges[i].from < x.ranges[j].from })
	return x
}

func (x *index) scan(fn *ssa.Function) {
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			switch instr := instr.(type) {
			case *ssa.Store:
				x.store(instr)
			case *ssa.MakeClosure:
				if target, ok := instr.Fn.(*ssa.Function); ok {
					x.closures[target] = append(x.closures[target], instr)
				}
			}
			if call, ok := instr.(ssa.CallInstruction); ok {
				x.calls = append(x.calls, callSite{fn, call})
			}
			x.noteEscapes(instr)
		}
	}
}

func (x *index) store(s *ssa.Store) {
	switch addr := s.Addr.(type) {
	case *ssa.Global:
		x.stored[addr] = append(x.stored[addr], s)
	case *ssa.FieldAddr:
		if field := fieldOf(addr.X.Type(), addr.Field); field != nil {
			x.fieldStores[field.Origin()] = append(x.fieldStores[field.Origin()], s.Val)
		}
	}
}

// noteEscapes marks the globals whose address an instruction uses other than to load, store or
// select a part of them.
func (x *index) noteEscapes(instr ssa.Instruction) {
	var operands [8]*ssa.Value
	for _, op := range instr.Operands(operands[:0]) {
		g, ok := (*op).(*ssa.Global)
		if !ok {
			continue
		}
		switch instr := instr.(type) {
		case *ssa.UnOp, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.DebugRef:
		case *ssa.Store:
			if instr.Val == ssa.Value(g) {
				x.escaped[g] = true
			}
		default:
			x.escaped[g] = true
		}
	}
}

// globalStores returns the values that are stored in a package variable, and whether all of them
// are stored during initialisation.
func (x *index) globalStores(g *ssa.Global) (values []ssa.Value, constant bool) {
	constant = !x.escaped[g]
	for _, s := range x.stored[g] {
		values = append(values, s.Val)
		constant = constant && s.Parent().Synthetic == "package initializer"
	}
	return values, constant
}

// storesTo returns the values stored in a local variable, also by the closures that capture it.
func (x *index) storesTo(addr ssa.Value) []ssa.Value {
	var values []ssa.Value
	if addr.Referrers() == nil {
		return nil
	}
	for _, ref := range *addr.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if ref.Addr == addr {
				values = append(values, ref.Val)
			}
		case *ssa.MakeClosure:
			for i, bound := range ref.Bindings {
				if target, ok := ref.Fn.(*ssa.Function); ok && bound == addr {
					values = append(values, x.storesTo(target.FreeVars[i])...)
				}
			}
		}
	}
	return values
}

// fieldStoresAt returns the values stored in a field of a local struct.
func (x *index) fieldStoresAt(base *ssa.Alloc, field *types.Var) []ssa.Value {
	var values []ssa.Value
	for _, ref := range *base.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr:
			if fieldOf(ref.X.Type(), ref.Field) == field {
				values = append(values, x.storesTo(ref)...)
			}
		case *ssa.Store:
			// var a = T{…}: the literal is built elsewhere and copied.
			if load, ok := ref.Val.(*ssa.UnOp); ok && ref.Addr == ssa.Value(base) && load.Op == token.MUL {
				if source, ok := load.X.(*ssa.Alloc); ok && source != base {
					values = append(values, x.fieldStoresAt(source, field)...)
				}
			}
		}
	}
	return values
}

// bindings returns the values that a captured variable is bound to.
func (x *index) bindings(v *ssa.FreeVar) []ssa.Value {
	fn := v.Parent()
	var values []ssa.Value
	for i, free := range fn.FreeVars {
		if free != v {
			continue
		}
		for _, closure := range x.closures[fn] {
			values = append(values, closure.Bindings[i])
		}
	}
	return values
}

// elements returns the elements of an array or slice that is written as one literal, nil for any
// other.
func (x *index) elements(v ssa.Value) []ssa.Value {
	base := x.origin(v)
	if s, ok := base.(*ssa.Slice); ok && s.Low == nil && s.High == nil {
		base = s.X
	}
	if base == nil || base.Referrers() == nil {
		return nil
	}
	var values []ssa.Value
	for _, ref := range *base.Referrers() {
		if at, ok := ref.(*ssa.IndexAddr); ok {
			values = append(values, x.storesTo(at)...)
		}
	}
	return values
}

// mapValues returns the values of a map that is written as one literal.
func (x *index) mapValues(v ssa.Value) []ssa.Value {
	made, ok := x.origin(v).(*ssa.MakeMap)
	if !ok {
		return nil
	}
	var values []ssa.Value
	for _, ref := range *made.Referrers() {
		if update, ok := ref.(*ssa.MapUpdate); ok && update.Map == ssa.Value(made) {
			values = append(values, update.Value)
		}
	}
	return values
}

// origin follows loads of variables that are assigned once.
func (x *index) origin(v ssa.Value) ssa.Value {
	for range maxDepth {
		switch u := v.(type) {
		case *ssa.ChangeType:
			v = u.X
			continue
		case *ssa.MakeInterface:
			v = u.X
			continue
		case *ssa.UnOp:
			if u.Op != token.MUL {
				return v
			}
			var values []ssa.Value
			switch addr := u.X.(type) {
			case *ssa.Global:
				if stored, constant := x.globalStores(addr); constant {
					values = stored
				}
			case *ssa.Alloc:
				values = x.storesTo(addr)
			case *ssa.FreeVar:
				for _, bound := range x.bindings(addr) {
					values = append(values, x.storesTo(bound)...)
				}
			}
			if len(values) != 1 {
				return v
			}
			v = values[0]
			continue
		case *ssa.FreeVar:
			bound := x.bindings(u)
			if len(bound) != 1 {
				return v
			}
			v = bound[0]
			continue
		}
		return v
	}
	return v
}

// at returns the declared function that holds a position, or nil.
func (x *index) at(pos token.Pos) *ssa.Function {
	i := sort.Search(len(x.ranges), func(i int) bool { return x.ranges[i].from > pos }) - 1
	if i < 0 || x.ranges[i].to < pos {
		return nil
	}
	return x.ranges[i].fn
}
