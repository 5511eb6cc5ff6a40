package sqlflow

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// maxSteps bounds the work on one text, maxDepth the nesting of calls that are seen through.
const (
	maxSteps = 4000
	maxDepth = 12
)

// resolver recovers text from values of one package.
type resolver struct {
	pass      *analysis.Pass
	literals  *literals
	index     *index
	summaries map[*ssa.Function][]Template // of the first string result
	globals   map[*ssa.Global][]Template
	phis      map[*ssa.Phi][]Template
	builders  map[ssa.Value][]Statement

	steps int
	depth int
	// partial counts the answers that were cut short by a loop or a bound: what rests on one is not
	// remembered.
	partial int
	open    map[ssa.Value]bool        // phis and addresses being resolved: meeting one again is a loop
	loops   map[ssa.Value][]Statement // what builders in loops begin with
	near    token.Pos                 // the call the text is for
}

func newResolver(pass *analysis.Pass, index *index) *resolver {
	return &resolver{
		pass: pass, literals: newLiterals(pass), index: index,
		summaries: map[*ssa.Function][]Template{}, globals: map[*ssa.Global][]Template{},
		phis: map[*ssa.Phi][]Template{}, builders: map[ssa.Value][]Statement{},
		open: map[ssa.Value]bool{},
	}
}

// resolve returns the alternatives of a text that is used at a place.
func (r *resolver) resolve(v ssa.Value, near token.Pos) []Template {
	r.steps, r.depth, r.near = 0, 0, near
	return r.text(v)
}

// text returns the alternatives of a string value. It always returns at least one.
func (r *resolver) text(v ssa.Value) []Template {
	r.steps++
	if r.steps > maxSteps {
		r.partial++
		return hole(codeBudget, v)
	}
	if !isText(v.Type()) {
		return r.scalar(v)
	}
	switch v := v.(type) {
	case *ssa.Const:
		if v.Value == nil || v.Value.Kind() != constant.String {
			return literal("")
		}
		return r.literals.template(constant.StringVal(v.Value), r.function(v), r.near)
	case *ssa.BinOp:
		if v.Op == token.ADD {
			return concat(r.text(v.X), r.text(v.Y))
		}
	case *ssa.Phi:
		return r.phi(v)
	case *ssa.Parameter:
		return parameterHole(v)
	case *ssa.FreeVar:
		return r.binding(v, r.text)
	case *ssa.Call:
		return r.call(v, 0)
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return r.call(call, v.Index)
		}
		if lookup, ok := v.Tuple.(*ssa.Lookup); ok && v.Index == 0 {
			return r.lookup(lookup)
		}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return r.load(v.X, v)
		}
	case *ssa.Field:
		return r.field(v)
	case *ssa.Lookup:
		return r.lookup(v)
	case *ssa.ChangeType:
		return r.text(v.X)
	case *ssa.Convert:
		return r.text(v.X)
	case *ssa.MultiConvert:
		return r.text(v.X)
	case *ssa.MakeInterface:
		return r.text(v.X)
	case *ssa.TypeAssert:
		return r.text(v.X)
	case *ssa.Slice:
		return r.slice(v)
	}
	return hole(codeValue, v)
}

// function returns the function that is being resolved, for finding a literal near its use.
func (r *resolver) function(ssa.Value) *ssa.Function { return r.index.at(r.near) }

// scalar returns the text that a value which is no string has when it is formatted.
func (r *resolver) scalar(v ssa.Value) []Template {
	if m, ok := v.(*ssa.MakeInterface); ok {
		return r.text(m.X)
	}
	if c, ok := v.(*ssa.Const); ok && c.Value != nil {
		return literal(c.Value.ExactString())
	}
	if b, ok := v.Type().Underlying().(*types.Basic); ok && b.Info()&(types.IsNumeric|types.IsBoolean) != 0 {
		return typedHole(Number, v)
	}
	return hole(codeValue, v)
}

// isText reports whether values of a type are text: strings, []byte, type parameters over them.
func isText(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		return isTextConstraint(p.Underlying().(*types.Interface))
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		b, ok := u.Elem().Underlying().(*types.Basic)
		return ok && b.Kind() == types.Byte
	case *types.Tuple:
		return true
	}
	return false
}

// isTextConstraint reports whether every type of a constraint is text.
func isTextConstraint(constraint *types.Interface) bool {
	for embedded := range constraint.EmbeddedTypes() {
		switch e := embedded.Underlying().(type) {
		case *types.Union:
			for term := range e.Terms() {
				if !isText(term.Type()) {
					return false
				}
			}
			return true
		case *types.Interface:
			if isTextConstraint(e) {
				return true
			}
		case *types.Basic:
			return isText(e)
		}
	}
	return false
}

// phi joins what flows in. Text that a loop appends to itself becomes the text before the loop with a
// hole behind it, which may stand for nothing.
func (r *resolver) phi(v *ssa.Phi) []Template {
	if known, ok := r.phis[v]; ok {
		return known
	}
	if r.open[v] {
		r.partial++
		again := hole(codeLoop, v)
		again[0].Pieces[0].Hole.loop = v
		return again
	}
	r.open[v] = true
	before := r.partial
	text := r.joinedEdges(v)
	delete(r.open, v)
	if !slices.ContainsFunc(v.Block().Preds, v.Block().Dominates) {
		// Not the head of a loop: nothing was cut short by the phi itself.
		if r.partial == before {
			r.phis[v] = text
		}
	}
	return text
}

func (r *resolver) joinedEdges(v *ssa.Phi) []Template {
	var first, again []Template
	for _, edge := range v.Edges {
		for _, t := range r.text(edge) {
			if len(t.Pieces) > 0 && t.Pieces[0].Hole != nil && t.Pieces[0].Hole.loop == v {
				again = hole(codeLoop, v)
				continue
			}
			first = append(first, t)
		}
	}
	if len(first) == 0 {
		return hole(codeLoop, v)
	}
	if again != nil {
		return concat(union(first), again)
	}
	return union(first)
}

// binding follows a captured variable to the function that made the closure.
func (r *resolver) binding(v *ssa.FreeVar, next func(ssa.Value) []Template) []Template {
	var sets [][]Template
	for _, bound := range r.index.bindings(v) {
		sets = append(sets, next(bound))
	}
	if len(sets) == 0 {
		return hole(codeValue, v)
	}
	return union(sets...)
}

// slice returns text of which a part was taken. Only cutting a separator off the end is followed:
// text[:len(text)-n].
func (r *resolver) slice(v *ssa.Slice) []Template {
	if v.Low == nil && v.High == nil {
		return r.text(v.X)
	}
	n, ok := cutLength(v.High)
	if v.Low != nil || !ok {
		return hole(codeValue, v)
	}
	return each(r.text(v.X), func(t Template) []Template { return []Template{t.withoutTail(n)} })
}

// cutLength returns n for len(text)-n.
func cutLength(v ssa.Value) (int, bool) {
	sub, ok := v.(*ssa.BinOp)
	if !ok || sub.Op != token.SUB {
		return 0, false
	}
	c, ok := sub.Y.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0, false
	}
	return int(c.Int64()), true
}

// withoutTail cuts up to n bytes off the literal end of a template; a hole at the end stays, since
// what is cut belongs to it.
func (t Template) withoutTail(n int) Template {
	last := len(t.Pieces) - 1
	if last < 0 || t.Pieces[last].Hole != nil || n < 0 {
		return t
	}
	tail := t.Pieces[last]
	cut := tail.cut(0, max(0, len(tail.Text)-n))[0]
	return Template{Pieces: append(t.Pieces[:last:last], cut.Pieces...)}
}
