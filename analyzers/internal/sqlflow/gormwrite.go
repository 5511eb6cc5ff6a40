package sqlflow

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// gormWrite returns what Create and Save run, where the row is a literal of which everything is known; nil for any
// other: a row from elsewhere may have its tenant, and one that was read is judged where that is.
func (c *collector) gormWrite(site callSite) *Call {
	name, db, args := gormMethod(site.instr)
	root, raw := gormRoot(db)
	if name != "Create" && name != "Save" || raw {
		return nil
	}
	row := args[0]
	columns, ok := writtenColumns(c.resolver, row, site.instr)
	if !ok || hooked(row, name) {
		return nil
	}
	call := gormCall(site, root)
	call.Created = name == "Create"
	for _, s := range c.gormStates(site, db) {
		if s.Table == nil {
			s.Table = c.gormTable(row)
		}
		if name == "Create" {
			call.Templates = union(call.Templates, insertion(s.Table, columns))
			continue
		}
		key := primaryKey(row)
		if !slices.Contains(columns, key) {
			return nil // an INSERT, whose row the database gives a key
		}
		s.Verb, s.Set, s.Prefix = "UPDATE", literal("ctid = ctid"), nil
		s.Where = and(s.Where, literal(key+" = ?"))
		call.Templates = union(call.Templates, s.render())
	}
	call.Templates = within(site.fn, call.Templates)
	return call
}

// insertion is an INSERT of one row.
func insertion(table []Template, columns []string) []Template {
	if len(columns) == 0 {
		return concat(literal("INSERT INTO "), table, literal(" DEFAULT VALUES"))
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
	return concat(literal("INSERT INTO "), table, literal(" ("+columnsOf(columns)+") VALUES ("+marks+")"))
}

// hooked reports whether the model of a row has a method that gorm calls before it writes one.
func hooked(row ssa.Value, method string) bool {
	model := modelOf(row)
	if model == nil {
		return true
	}
	hooks := []string{"BeforeSave", "BeforeCreate"}
	if method == "Save" {
		hooks = append(hooks, "BeforeUpdate")
	}
	methods := types.NewMethodSet(types.NewPointer(model))
	return slices.ContainsFunc(hooks, func(hook string) bool { return methods.Lookup(model.Obj().Pkg(), hook) != nil })
}

// writtenColumns returns the columns that a row has a value for when it is written; ok is false unless it is a literal
// of this function that nothing else was given before.
func writtenColumns(r *resolver, row ssa.Value, write ssa.Instruction) (columns []string, ok bool) {
	made, _ := row.(*ssa.MakeInterface)
	if made == nil {
		return nil, false
	}
	alloc := composite(made.X)
	if alloc == nil {
		return nil, false
	}
	st, isStruct := gotype.Deref(alloc.Type()).Underlying().(*types.Struct)
	if !isStruct {
		return nil, false
	}
	w := rowLiteral{resolver: r, write: write, handed: made, seen: map[ssa.Value]bool{}}
	w.read(alloc, st, "")
	return w.columns, !w.unknown
}

// rowLiteral follows what a literal of a row is given.
type rowLiteral struct {
	*resolver
	write   ssa.Instruction
	handed  ssa.Value // the row as it is handed to gorm
	columns []string
	unknown bool
	seen    map[ssa.Value]bool
}

// read takes all uses of the memory of a struct.
func (w *rowLiteral) read(addr ssa.Value, st *types.Struct, prefix string) {
	if w.seen[addr] {
		return
	}
	w.seen[addr] = true
	for _, ref := range *addr.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr:
			w.field(ref, st, prefix)
		case *ssa.Store:
			w.whole(ref, addr, st, prefix)
		case *ssa.UnOp, *ssa.DebugRef, *ssa.Return:
		case ssa.Value:
			w.unknown = w.unknown || ref != w.handed && ssaflow.Precedes(ref.(ssa.Instruction), w.write)
		default:
			w.unknown = w.unknown || ssaflow.Precedes(ref, w.write)
		}
	}
}

// whole takes a store of the whole struct: its zero, or another literal.
func (w *rowLiteral) whole(store *ssa.Store, addr ssa.Value, st *types.Struct, prefix string) {
	load, ok := store.Val.(*ssa.UnOp)
	switch {
	case store.Addr != addr:
		w.unknown = w.unknown || ssaflow.Precedes(store, w.write)
	case isZero(store.Val):
	case ok && isLiteral(load.X):
		w.read(load.X, st, prefix)
	default:
		w.unknown = true
	}
}

func isLiteral(v ssa.Value) bool {
	alloc, ok := v.(*ssa.Alloc)
	return ok && alloc.Comment == "complit"
}

// field takes all uses of a field.
func (w *rowLiteral) field(addr *ssa.FieldAddr, st *types.Struct, prefix string) {
	field, settings := st.Field(addr.Field), gormTag(st.Tag(addr.Field))
	_, isEmbedded := settings["embedded"]
	if inner, ok := field.Type().Underlying().(*types.Struct); ok && (isEmbedded || field.Embedded()) {
		w.read(addr, inner, prefix+settings["embeddedprefix"])
		return
	}
	for _, ref := range *addr.Referrers() {
		store, isStore := ref.(*ssa.Store)
		switch {
		case isStore && store.Addr == ssa.Value(addr):
			if isZero(store.Val) {
				continue
			}
			if !isColumn(field.Type()) {
				w.unknown = true // gorm writes the association first and takes its key
				continue
			}
			if column := prefix + columnOf(field, st.Tag(addr.Field)); !slices.Contains(w.columns, column) {
				w.columns = append(w.columns, column)
			}
		case isStore:
			w.unknown = true
		default:
			if _, isLoad := ref.(*ssa.UnOp); !isLoad {
				w.unknown = w.unknown || ssaflow.Precedes(ref, w.write)
			}
		}
	}
}

// isColumn reports whether values of a type are stored in a column, and are no rows of an association.
func isColumn(t types.Type) bool {
	t = gotype.Deref(t)
	if s, ok := t.Underlying().(*types.Slice); ok {
		t = gotype.Deref(s.Elem())
	}
	if _, isStruct := t.Underlying().(*types.Struct); !isStruct {
		return true
	}
	value, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, nil, "Value")
	named := gotype.Named(t)
	return value != nil || named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time"
}
