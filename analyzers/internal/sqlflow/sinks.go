package sqlflow

import (
	"go/types"
	"regexp"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
)

// collector finds the calls of a package that run SQL.
type collector struct {
	*resolver
	direct map[*ssa.Function][]*Call // by the function the call stands in
	sites  map[*ssa.Function][]ssa.CallInstruction
	runs   map[*ssa.Function][]Run
}

func newCollector(r *resolver) *collector {
	c := &collector{
		resolver: r, direct: map[*ssa.Function][]*Call{}, sites: map[*ssa.Function][]ssa.CallInstruction{},
		runs: map[*ssa.Function][]Run{},
	}
	for _, site := range r.index.calls {
		c.sites[site.fn] = append(c.sites[site.fn], site.instr)
		call := c.sink(site)
		if call == nil {
			call = c.opaque(site)
		}
		if call != nil {
			c.direct[site.fn] = append(c.direct[site.fn], call)
		}
		c.direct[site.fn] = append(c.direct[site.fn], c.gormAssociations(site)...)
	}
	return c
}

// calls returns all calls that run SQL, those of wrappers included, in order of source.
func (c *collector) calls() []*Call {
	var all []*Call
	for _, site := range c.index.calls {
		all = append(all, c.wrapped(site)...)
	}
	for _, direct := range c.direct {
		all = append(all, direct...)
	}
	slices.SortStableFunc(all, func(a, b *Call) int { return int(a.Pos()) - int(b.Pos()) })
	return all
}

// callee returns the function or interface method that a call leads to, and its arguments without
// the receiver, which is nil for a function.
func callee(instr ssa.CallInstruction) (fn *types.Func, receiver ssa.Value, args []ssa.Value) {
	common := instr.Common()
	if common.IsInvoke() {
		return common.Method, common.Value, common.Args
	}
	static := common.StaticCallee()
	if static == nil {
		return nil, nil, nil
	}
	fn, _ = generic(static).Object().(*types.Func)
	if fn == nil {
		return nil, nil, nil
	}
	args = common.Args
	if fn.Signature().Recv() != nil && len(args) > 0 {
		return fn, args[0], args[1:]
	}
	return fn, nil, args
}

// sink returns the call as one that runs SQL by itself, or nil.
func (c *collector) sink(site callSite) *Call {
	fn, receiver, args := callee(site.instr)
	if fn == nil {
		return nil
	}
	if s := c.squirrelSink(site); s != nil {
		return s
	}
	if s := c.gormSink(site); s != nil {
		return s
	}
	if s := c.gormWrite(site); s != nil {
		return s
	}
	if fn.Name() == "CopyFrom" && len(args) == 4 {
		return c.copyFrom(site, receiver, args)
	}
	sink, ok := models.SinkOf(fn)
	if !ok || sink.Query >= len(args) {
		return nil
	}
	call := &Call{Fn: site.fn, Instr: site.instr, Sink: sink, Handle: receiver}
	if sink.Handle >= 0 {
		call.Handle = args[sink.Handle]
	}
	call.Kind = kindOf(call.Handle)
	if sink.Args >= 0 && sink.Args < len(args) {
		call.bind(args[sink.Args:], fn.Signature().Variadic() && !sink.Named)
	}
	call.Templates = c.resolve(args[sink.Query], site.instr.Pos())
	if sink.Lists {
		call.Templates = each(call.Templates, func(t Template) []Template { return []Template{t.withParentheses()} })
	}
	return call
}

var bareList = regexp.MustCompile(`(?i)\bIN\s+(\?|@\w+)`)

// withParentheses writes "IN ?" as "IN (?)", as the library that runs the text expands it.
func (t Template) withParentheses() Template {
	var out Template
	for _, p := range t.Pieces {
		at := 0
		for _, m := range bareList.FindAllStringSubmatchIndex(p.Text, -1) {
			out.Pieces = append(out.Pieces, p.cut(at, m[2])[0].Pieces...)
			out.Pieces = append(out.Pieces, Piece{Text: "("})
			out.Pieces = append(out.Pieces, p.cut(m[2], m[3])[0].Pieces...)
			out.Pieces = append(out.Pieces, Piece{Text: ")"})
			at = m[3]
		}
		if p.Hole != nil {
			out.Pieces = append(out.Pieces, p)
			continue
		}
		out.Pieces = append(out.Pieces, p.cut(at, len(p.Text))[0].Pieces...)
	}
	return out
}

// bind sets the values bound to placeholders.
func (c *Call) bind(args []ssa.Value, isVariadic bool) {
	if !isVariadic || len(args) == 0 {
		c.Args = args
		return
	}
	last := len(args) - 1
	values, ok := variadic(args[last])
	if ok {
		c.Args = append(slices.Clone(args[:last]), values...)
		return
	}
	c.Args, c.Spread = args, true
}

// kindOf returns the kind of a handle, seen through conversions to interfaces.
func kindOf(handle ssa.Value) models.Kind {
	for handle != nil {
		if k := models.KindOf(handle.Type()); k != models.Unknown {
			return k
		}
		switch v := handle.(type) {
		case *ssa.MakeInterface:
			handle = v.X
		case *ssa.ChangeInterface:
			handle = v.X
		default:
			return models.Unknown
		}
	}
	return models.Unknown
}

// runners are the methods by which a query builder runs what it has built.
var runners = []string{"Exec", "ExecContext", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Scan", "ScanContext"}

func (c *collector) squirrelSink(site callSite) *Call {
	name, receiver, _ := squirrelMethod(site.instr)
	if receiver == nil || !slices.Contains(runners, name) || !isBuilder(receiver.Type()) {
		return nil
	}
	c.steps, c.depth, c.near = 0, 0, site.instr.Pos()
	states := c.builder(receiver)
	value, _ := site.instr.(ssa.Value) // go and defer are none
	call := &Call{Fn: site.fn, Instr: site.instr, Templates: c.renderAll(states, value),
		Sink: models.Sink{Query: models.None, Context: models.None, Args: models.None, Handle: models.None}}
	for _, s := range states {
		if s.handle != nil {
			call.Handle, call.Kind = s.handle, kindOf(s.handle)
		}
	}
	return call
}

// copyFrom is CopyFrom(ctx, table, columns, rows) of pgx: the same as an INSERT of those columns.
func (c *collector) copyFrom(site callSite, receiver ssa.Value, args []ssa.Value) *Call {
	if !isStrings(args[1].Type()) || !isStrings(args[2].Type()) {
		return nil
	}
	c.steps, c.depth, c.near = 0, 0, site.instr.Pos()
	table, ok := variadic(c.index.origin(args[1]))
	text := hole(codeValue, args[1])
	if ok && len(table) > 0 {
		text = c.join(table, literal("."))
	}
	columns := c.list(args[2])
	var marks []Template
	if values, ok := variadic(c.index.origin(args[2])); ok {
		for range values {
			marks = commas(marks, literal("?"))
		}
	} else {
		marks = hole(codeValue, args[2])
	}
	at := literal("INSERT INTO ", Place{Pos: site.instr.Pos(), Fixed: true})
	return &Call{
		Fn: site.fn, Instr: site.instr, Handle: receiver, Kind: kindOf(receiver), Args: args[3:], Spread: true,
		Sink:      models.Sink{Query: models.None, Context: 0, Args: 3, Handle: models.Receiver},
		Templates: concat(at, text, literal(" ("), columns, literal(") VALUES ("), marks, literal(")")),
	}
}

func isStrings(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}
