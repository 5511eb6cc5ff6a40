package sqlflow

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
)

// wrapped returns the calls of functions that run the text they are given, one for each such run.
func (c *collector) wrapped(site callSite) []*Call {
	target := site.instr.Common().StaticCallee()
	if target == nil {
		return nil
	}
	target = generic(target)
	fn, _ := target.Object().(*types.Func) // nil for a function literal
	if _, isSink := models.SinkOf(fn); isSink {
		return nil
	}
	args := site.instr.Common().Args
	var calls []*Call
	for _, run := range c.runsOf(target) {
		c.steps, c.depth, c.near = 0, 0, site.instr.Pos()
		call := &Call{Fn: site.fn, Instr: site.instr, Kind: run.Kind, Wrapped: fn,
			Sink: models.Sink{Query: models.None, Context: models.None, Args: models.None, Handle: models.None}}
		call.Templates = substitute(run.Templates, func(h *Hole) []Template {
			if h.Param >= 0 && h.Param < len(args) && (h.param == nil || h.param.Parent() == target) {
				return c.text(args[h.Param])
			}
			return nil
		})
		if run.Handle >= 0 && run.Handle < len(args) {
			call.Handle = args[run.Handle]
			if k := kindOf(call.Handle); k != models.Unknown {
				call.Kind = k
			}
		}
		if run.Args >= 0 && run.Args < len(args) {
			call.bind(args[run.Args:run.Args+1], target.Signature.Variadic())
		}
		calls = append(calls, call)
	}
	return calls
}

// runsOf returns the SQL that a function runs with text from its parameters.
func (c *collector) runsOf(fn *ssa.Function) []Run {
	if known, ok := c.runs[fn]; ok {
		return known
	}
	c.runs[fn] = nil // a recursive function adds nothing
	if len(fn.Blocks) == 0 {
		if object, ok := fn.Object().(*types.Func); ok {
			var fact Summary
			if c.pass.ImportObjectFact(object.Origin(), &fact) {
				c.runs[fn] = fact.Runs
			}
		}
		return c.runs[fn]
	}
	var runs []Run
	for _, inner := range withLiterals(fn) {
		calls := slices.Clone(c.direct[inner])
		for _, instr := range c.sites[inner] {
			calls = append(calls, c.wrapped(callSite{inner, instr})...)
		}
		for _, call := range calls {
			if run, ok := runOf(fn, call); ok {
				runs = append(runs, run)
			}
		}
	}
	c.runs[fn] = runs
	return runs
}

// withLiterals returns a function and the function literals in it.
func withLiterals(fn *ssa.Function) []*ssa.Function {
	all := []*ssa.Function{fn}
	for _, anon := range fn.AnonFuncs {
		all = append(all, withLiterals(anon)...)
	}
	return all
}

// runOf returns the part of a call whose text comes from the parameters of a function.
func runOf(fn *ssa.Function, call *Call) (Run, bool) {
	run := Run{Handle: -1, Args: -1, Kind: call.Kind}
	for _, t := range call.Templates {
		if slices.ContainsFunc(t.Holes(), func(h *Hole) bool { return h.param != nil && h.param.Parent() == fn }) {
			run.Templates = append(run.Templates, t)
		}
	}
	if run.Templates == nil {
		return run, false
	}
	run.Handle = parameterIndex(fn, call.Handle)
	if call.Spread {
		run.Args = parameterIndex(fn, call.Args[len(call.Args)-1])
	}
	return run, true
}

// parameterIndex returns which parameter of a function a value is, or -1.
func parameterIndex(fn *ssa.Function, v ssa.Value) int {
	for v != nil {
		switch u := v.(type) {
		case *ssa.Parameter:
			return slices.Index(fn.Params, u)
		case *ssa.MakeInterface:
			v = u.X
		case *ssa.ChangeInterface:
			v = u.X
		case *ssa.UnOp: // a field of the receiver stands for the receiver
			if field, ok := u.X.(*ssa.FieldAddr); ok && u.Op == token.MUL {
				v = field.X
				continue
			}
			return -1
		default:
			return -1
		}
	}
	return -1
}
