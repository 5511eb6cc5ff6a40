package sqlflow

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// call returns the text of one result of a call.
func (r *resolver) call(call *ssa.Call, result int) []Template {
	common := call.Common()
	if text, ok := r.built(call, result); ok {
		return text
	}
	if common.IsInvoke() {
		if common.Method.Name() == "Rebind" && len(common.Args) == 1 && result == 0 {
			return r.text(common.Args[0])
		}
		return hole(codeCall, call)
	}
	callee := common.StaticCallee()
	if callee == nil {
		return hole(codeCall, call)
	}
	if object, ok := callee.Object().(*types.Func); ok {
		if text := r.known(object.Origin().FullName(), call, result); text != nil {
			return text
		}
	}
	return r.throughCallee(call, generic(callee), result)
}

// known returns the text of calls of the standard library and of database libraries, nil for others.
func (r *resolver) known(name string, call *ssa.Call, result int) []Template {
	args := call.Common().Args
	if result != 0 {
		return nil
	}
	switch name {
	case "fmt.Sprintf", "fmt.Appendf":
		format := args[len(args)-2]
		return r.format(r.text(format), args[len(args)-1], call)
	case "fmt.Sprint":
		values, ok := variadic(args[0])
		if !ok {
			return hole(codeValue, call)
		}
		return r.join(values, nil)
	case "strings.Join":
		return r.joined(args[0], r.text(args[1]), call)
	case "strings.TrimSpace", "strings.Clone", "strings.ToLower", "strings.ToUpper", "strings.ToValidUTF8":
		return r.text(args[0])
	case "strings.TrimSuffix", "strings.TrimRight":
		return r.trimmed(args[0], args[1])
	case "strings.TrimPrefix", "strings.TrimLeft", "strings.Trim":
		return r.text(args[0])
	case "strings.ReplaceAll", "strings.Replace":
		return r.replaced(args[0], args[1], args[2], call)
	case "strings.Repeat":
		return hole(codeLoop, call)
	case "(*strings.Builder).String", "(*bytes.Buffer).String", "(*bytes.Buffer).Bytes":
		return r.written(args[0], call)
	case "strconv.Itoa", "strconv.FormatInt", "strconv.FormatUint", "strconv.FormatBool", "strconv.FormatFloat":
		return typedHole(Number, call)
	case "(github.com/jackc/pgx/v5.Identifier).Sanitize", "(github.com/jackc/pgx/v4.Identifier).Sanitize",
		"github.com/lib/pq.QuoteIdentifier":
		return typedHole(Identifier, call)
	case "github.com/lib/pq.QuoteLiteral":
		return typedHole(Literal, call)
	case "(*github.com/jmoiron/sqlx.DB).Rebind", "(*github.com/jmoiron/sqlx.Tx).Rebind", "(*github.com/jmoiron/sqlx.Conn).Rebind":
		return r.text(args[1])
	case "github.com/jmoiron/sqlx.Rebind":
		return r.text(args[1])
	case "github.com/jmoiron/sqlx.In", "github.com/jmoiron/sqlx.Named":
		return r.text(args[0])
	}
	return nil
}

// generic returns the one body that all instances of a generic function share.
func generic(fn *ssa.Function) *ssa.Function {
	if origin := fn.Origin(); origin != nil {
		return origin
	}
	return fn
}

// throughCallee returns what a function of this package or, by its fact, of another one returns,
// with the arguments in place of its parameters.
func (r *resolver) throughCallee(call *ssa.Call, callee *ssa.Function, result int) []Template {
	if result != textResult(callee.Signature) {
		return hole(codeCall, call)
	}
	summary := r.summary(callee)
	if summary == nil {
		return hole(codeCall, call)
	}
	args := call.Common().Args
	return substitute(summary, func(h *Hole) []Template {
		switch {
		case h.param != nil && h.param.Parent() != callee:
			return nil
		case h.Param >= 0 && h.Param < len(args):
			return r.text(args[h.Param])
		}
		return nil
	})
}

// summary returns the text that a function returns, in terms of its parameters; nil when nothing
// is known of it.
func (r *resolver) summary(fn *ssa.Function) []Template {
	if known, ok := r.summaries[fn]; ok {
		return known
	}
	if len(fn.Blocks) == 0 {
		return r.imported(fn)
	}
	result := textResult(fn.Signature)
	if result < 0 || r.depth >= maxDepth {
		return nil
	}
	r.summaries[fn] = nil // a recursive function is not known
	r.depth++
	near := r.near
	var sets [][]Template
	for _, block := range fn.Blocks {
		if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok && len(ret.Results) > result {
			r.near = ret.Pos()
			if returnsError(ret) {
				continue
			}
			sets = append(sets, r.text(ret.Results[result]))
		}
	}
	r.near = near
	r.depth--
	if len(sets) > 0 {
		r.summaries[fn] = union(sets...)
	}
	return r.summaries[fn]
}

// returnsError reports whether a return gives an empty text together with an error.
func returnsError(ret *ssa.Return) bool {
	last := ret.Results[len(ret.Results)-1]
	if !types.Identical(last.Type(), types.Universe.Lookup("error").Type()) {
		return false
	}
	c, isConst := last.(*ssa.Const)
	if isConst && c.IsNil() {
		return false
	}
	for _, v := range ret.Results {
		if c, ok := v.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String && constant.StringVal(c.Value) == "" {
			return true
		}
	}
	return false
}

func (r *resolver) imported(fn *ssa.Function) []Template {
	object, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	var fact Summary
	if !r.pass.ImportObjectFact(object.Origin(), &fact) {
		return nil
	}
	return fact.Returns
}

// textResult returns the index of the first string result, or -1.
func textResult(sig *types.Signature) int {
	for i := range sig.Results().Len() {
		if b, ok := sig.Results().At(i).Type().Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			return i
		}
	}
	return -1
}

// variadic returns the values of a variadic argument that is written out; ok is false for args...
func variadic(v ssa.Value) (values []ssa.Value, ok bool) {
	if c, isConst := v.(*ssa.Const); isConst && c.IsNil() {
		return nil, true
	}
	s, isSlice := v.(*ssa.Slice)
	if !isSlice {
		return nil, false
	}
	alloc, isAlloc := s.X.(*ssa.Alloc)
	if !isAlloc || alloc.Comment != "varargs" && alloc.Comment != "slicelit" {
		return nil, false
	}
	array, isArray := alloc.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
	if !isArray || array.Len() > 1<<12 {
		return nil, false
	}
	values = make([]ssa.Value, array.Len())
	for _, ref := range *alloc.Referrers() {
		at, isIndex := ref.(*ssa.IndexAddr)
		if !isIndex {
			continue
		}
		i, isConst := at.Index.(*ssa.Const)
		if !isConst || i.Int64() >= array.Len() {
			return nil, false
		}
		for _, use := range *at.Referrers() {
			if store, isStore := use.(*ssa.Store); isStore && store.Addr == ssa.Value(at) {
				values[i.Int64()] = store.Val
			}
		}
	}
	for _, value := range values {
		if value == nil {
			return nil, false
		}
	}
	return values, true
}

// join concatenates values with a separator between them.
func (r *resolver) join(values []ssa.Value, separator []Template) []Template {
	var sets [][]Template
	for i, v := range values {
		if i > 0 && separator != nil {
			sets = append(sets, separator)
		}
		sets = append(sets, r.text(v))
	}
	return concat(sets...)
}

// joined is strings.Join. A slice that grows by append gives its first elements and a hole.
func (r *resolver) joined(slice ssa.Value, separator []Template, call *ssa.Call) []Template {
	if values, ok := variadic(r.index.origin(slice)); ok {
		return r.join(values, separator)
	}
	if values := r.appended(slice, 0); len(values) > 0 {
		return concat(r.join(values, separator), hole(codeLoop, call))
	}
	return hole(codeLoop, call)
}

// appended returns the elements that a slice is certain to begin with.
func (r *resolver) appended(v ssa.Value, depth int) []ssa.Value {
	if depth > maxDepth || r.open[v] {
		return nil
	}
	r.open[v] = true
	defer delete(r.open, v)
	switch v := v.(type) {
	case *ssa.Slice:
		values, _ := variadic(v)
		return values
	case *ssa.Phi:
		// The shortest way in is what all have in common.
		var common []ssa.Value
		for i, edge := range v.Edges {
			if r.open[edge] {
				continue
			}
			values := r.appended(edge, depth+1)
			if i == 0 || len(values) < len(common) {
				common = values
			}
		}
		return common
	case *ssa.Call:
		if b, ok := v.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" && len(v.Call.Args) == 2 {
			return r.appended(v.Call.Args[0], depth+1)
		}
	}
	return nil
}

// trimmed is strings.TrimSuffix or TrimRight with a constant.
func (r *resolver) trimmed(text, suffix ssa.Value) []Template {
	cut := r.text(suffix)
	return each(r.text(text), func(t Template) []Template {
		last := len(t.Pieces) - 1
		if last < 0 || t.Pieces[last].Hole != nil || len(cut) != 1 || !cut[0].Constant() {
			return []Template{t}
		}
		s := cut[0].String()
		if s != "" && strings.HasSuffix(t.Pieces[last].Text, s) {
			return []Template{t.withoutTail(len(s))}
		}
		return []Template{t}
	})
}

// replaced is strings.Replace of one constant by text.
func (r *resolver) replaced(text, from, to ssa.Value, call *ssa.Call) []Template {
	old, with := r.text(from), r.text(to)
	if len(old) != 1 || !old[0].Constant() || old[0].String() == "" {
		return hole(codeCall, call)
	}
	word := old[0].String()
	return each(r.text(text), func(t Template) []Template {
		var parts [][]Template
		for _, p := range t.Pieces {
			if p.Hole != nil {
				parts = append(parts, []Template{{Pieces: []Piece{p}}})
				continue
			}
			at := 0
			for {
				i := strings.Index(p.Text[at:], word)
				if i < 0 {
					break
				}
				parts = append(parts, p.cut(at, at+i), with)
				at += i + len(word)
			}
			parts = append(parts, p.cut(at, len(p.Text)))
		}
		return concat(parts...)
	})
}
