package setscope

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
)

// effects is the fact of what a function does to the session behind a handle that it is given.
type effects struct{ On []effect }

// effect is a command on a parameter.
type effect struct {
	// Param counts the receiver.
	Param    int
	Action   int
	Lifetime int
	Setting  string
	Constant bool
	// Open says that the function does not settle whether the command holds: its callers do.
	Open bool
	// At is where the text stands.
	At string
}

func (e effect) same(f effect) bool {
	e.At, f.At = "", ""
	return e == f
}

// AFact marks a fact.
func (*effects) AFact() {}

// String shows the fact in the form in which tests assert it.
func (f *effects) String() string {
	var parts []string
	for _, e := range f.On {
		verb := [...]string{"", "sets", "resets", "begins"}[e.Action]
		if action(e.Action) == set && lifetime(e.Lifetime) == local {
			verb = "sets locally"
		}
		part := fmt.Sprintf("%s %s on %d", verb, e.Setting, e.Param)
		if e.Open {
			part += " (open)"
		}
		parts = append(parts, strings.Join(strings.Fields(part), " "))
	}
	return strings.Join(parts, "; ")
}

// maxEffects bounds the effects that a fact tells of.
const maxEffects = 8

// effectsOf returns what a function does to its parameters, and adds to its events the effects of
// the functions it calls.
func (c *checker) effectsOf(fn *ssa.Function) *effects {
	if o := fn.Origin(); o != nil {
		fn = o
	}
	if known, ok := c.effects[fn]; ok {
		return known
	}
	f := &effects{}
	c.effects[fn] = f // what a recursive function is taken for meanwhile
	if len(fn.Blocks) == 0 {
		if object, ok := fn.Object().(*types.Func); ok {
			c.pass.ImportObjectFact(object.Origin(), f)
		}
		return f
	}
	c.adopt(fn)
	for _, e := range c.events[fn] {
		if e.handle.param < 0 || e.handle.place == pool || len(f.On) == maxEffects || e.nameHoles != nil {
			continue
		}
		if e.action != begin && (e.action != set && e.action != reset || !c.carriesTenant(e.command)) {
			continue
		}
		at := e.at
		if at == "" {
			p := c.reporter.Position(e.instr.Pos())
			at = fmt.Sprintf("%s:%d", filepath.Base(p.File), p.Line)
		}
		made := effect{Param: e.handle.param, Action: int(e.action), Lifetime: int(e.lifetime), Setting: e.setting,
			Constant: e.constant, Open: c.isOpen(fn, e), At: at}
		if !slices.ContainsFunc(f.On, made.same) {
			f.On = append(f.On, made)
		}
	}
	return f
}

// adopt adds the effects of called functions to the events of a function.
func (c *checker) adopt(fn *ssa.Function) {
	for _, instr := range c.calls[fn] {
		callee := instr.Common().StaticCallee()
		if callee == nil || callee.Parent() != nil {
			continue
		}
		for _, e := range c.effectsOf(callee).On {
			if e.Param >= len(instr.Common().Args) {
				continue
			}
			cmd := command{action: action(e.Action), lifetime: lifetime(e.Lifetime), setting: e.Setting, constant: e.Constant}
			name := callee.Name()
			if !e.Open && cmd.action == set {
				name = "" // settled there
			}
			c.events[fn] = append(c.events[fn], &event{
				command: cmd, instr: instr, handle: c.originOf(instr.Common().Args[e.Param]), through: name, at: e.At,
			})
		}
	}
}

// isOpen reports whether a SET on a parameter is for the callers to settle.
func (c *checker) isOpen(fn *ssa.Function, e *event) bool {
	if e.action != set || e.call == nil && e.through == "" {
		return false
	}
	return c.verdict(fn, e) == open
}

// export makes the effects on parameters into facts, of the functions that other packages can call.
func (c *checker) export() {
	for _, fn := range c.program.Funcs {
		object, ok := fn.Object().(*types.Func)
		if f := c.effects[fn]; ok && object.Exported() && f != nil && len(f.On) > 0 {
			c.pass.ExportObjectFact(object, f)
		}
	}
}

// runsItself reports whether a wrapped call runs a SET that its callee already answers for.
func (c *checker) runsItself(call *sqlflow.Call) bool {
	if call.Wrapped == nil {
		return false
	}
	callee := call.Instr.Common().StaticCallee()
	return callee != nil && slices.ContainsFunc(c.effectsOf(callee).On, func(e effect) bool { return action(e.Action) == set })
}
