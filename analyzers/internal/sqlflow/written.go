package sqlflow

import (
	"slices"
	"strings"

	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// written returns what a function has written to a strings.Builder or bytes.Buffer when it reads
// it: writes on every way are certain, writes on some ways are alternatives, writes in a loop and
// writes by other functions are holes.
func (r *resolver) written(buffer ssa.Value, read *ssa.Call) []Template {
	if buffer.Referrers() == nil || r.open[buffer] {
		return hole(codeValue, read)
	}
	r.open[buffer] = true
	defer delete(r.open, buffer)

	initial, local := initialOf(buffer)
	if !local {
		return hole(codeValue, read)
	}
	sets := [][]Template{literal("")}
	if initial != nil {
		sets[0] = r.text(initial)
	}
	for _, w := range writesBefore(buffer, read) {
		text := r.writtenBy(w)
		switch {
		case text == nil:
			continue
		case ssaflow.Reaches(w.Block(), w.Block()) && w.Block() != read.Block():
			text = hole(codeLoop, read)
		case !w.Block().Dominates(read.Block()):
			text = union(literal(""), text)
		}
		sets = append(sets, text)
	}
	return concat(sets...)
}

// initialOf returns what a buffer holds at first, and whether it belongs to the function.
func initialOf(buffer ssa.Value) (text ssa.Value, local bool) {
	switch b := buffer.(type) {
	case *ssa.Alloc:
		return nil, true
	case *ssa.Call:
		callee := b.Call.StaticCallee()
		if callee != nil && callee.Object() != nil {
			switch callee.Object().(*types.Func).FullName() {
			case "bytes.NewBufferString", "bytes.NewBuffer":
				return b.Call.Args[0], true
			}
		}
	}
	return nil, false
}

// writesBefore returns the calls that use a buffer and can run before it is read, in order.
func writesBefore(buffer ssa.Value, read *ssa.Call) []ssa.CallInstruction {
	var writes []ssa.CallInstruction
	for _, ref := range *buffer.Referrers() {
		refs := []ssa.Instruction{ref}
		if m, ok := ref.(*ssa.MakeInterface); ok { // fmt.Fprintf(&b, …)
			refs = *m.Referrers()
		}
		for _, ref := range refs {
			if call, ok := ref.(ssa.CallInstruction); ok && call != ssa.CallInstruction(read) && ssaflow.Precedes(call, read) {
				writes = append(writes, call)
			}
		}
	}
	slices.SortStableFunc(writes, func(a, b ssa.CallInstruction) int {
		return int(a.Pos()) - int(b.Pos())
	})
	return writes
}

// writtenBy returns what a call writes to the buffer, nil for one that writes nothing.
func (r *resolver) writtenBy(call ssa.CallInstruction) []Template {
	common := call.Common()
	callee := common.StaticCallee()
	value, _ := call.(*ssa.Call)
	if callee == nil || callee.Object() == nil || value == nil {
		return hole(codeCall, nil)
	}
	name := callee.Object().(*types.Func).FullName()
	switch {
	case name == "fmt.Fprintf":
		return r.format(r.text(common.Args[1]), common.Args[2], value)
	case name == "fmt.Fprint", name == "fmt.Fprintln":
		values, ok := variadic(common.Args[1])
		if !ok {
			return hole(codeValue, value)
		}
		text := r.join(values, nil)
		if name == "fmt.Fprintln" {
			text = concat(text, literal("\n"))
		}
		return text
	case strings.HasSuffix(name, ").WriteString"), strings.HasSuffix(name, ").Write"):
		return r.text(common.Args[1])
	case strings.HasSuffix(name, ").WriteByte"), strings.HasSuffix(name, ").WriteRune"):
		if c, ok := common.Args[1].(*ssa.Const); ok && c.Value != nil {
			return literal(string(rune(c.Int64())))
		}
		return hole(codeValue, value)
	case strings.HasPrefix(name, "(*strings.Builder)."), strings.HasPrefix(name, "(*bytes.Buffer)."):
		return nil // Grow, Len, Reset, String
	}
	return hole(codeCall, value)
}
