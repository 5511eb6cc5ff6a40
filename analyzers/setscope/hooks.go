package setscope

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

// hook is what a function is to a connection pool that calls it.
type hook int

const (
	noHook hook = iota
	// onConnect hooks run once for each new connection.
	onConnect
	// onAcquire hooks run each time a connection is taken out of the pool.
	onAcquire
	// onRelease hooks run each time a connection goes back.
	onRelease
)

var hookFields = map[string]hook{
	"AfterConnect": onConnect, "BeforeAcquire": onAcquire, "PrepareConn": onAcquire, "AfterRelease": onRelease,
}

var hookOptions = map[string]hook{"OptionAfterConnect": onConnect, "OptionResetSession": onAcquire}

// findHooks finds the functions that the package gives to pools: by the fields of pgxpool.Config and
// the options of pgx/stdlib.
func (c *checker) findHooks() {
	for _, fn := range c.program.Funcs {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				switch instr := instr.(type) {
				case *ssa.Store:
					if field, ok := instr.Addr.(*ssa.FieldAddr); ok && isPoolConfig(field.X.Type()) {
						c.hook(instr.Val, hookFields[fieldName(field)])
					}
				case ssa.CallInstruction:
					if callee := ssaflow.Callee(instr); callee != nil && callee.Pkg() != nil && strings.HasSuffix(callee.Pkg().Path(), "/stdlib") {
						for _, arg := range instr.Common().Args {
							c.hook(arg, hookOptions[callee.Name()])
						}
					}
				}
			}
		}
	}
	for fn, h := range c.hooks {
		if h != onRelease {
			continue
		}
		for _, e := range c.eventsIn(fn) {
			if e.action == reset {
				c.released = append(c.released, e.command)
			}
		}
	}
}

func (c *checker) hook(v ssa.Value, h hook) {
	fn := ssaflow.Literal(v)
	if fn == nil || h == noHook {
		return
	}
	if fn.Synthetic != "" { // a method value is wrapped
		if object, ok := fn.Object().(*types.Func); ok {
			if method := fn.Prog.FuncValue(object); method != nil {
				fn = method
			}
		}
	}
	c.hooks[fn] = h
}

// hookOf returns which hook a handle is the connection of.
func (c *checker) hookOf(h handle) hook {
	p, ok := h.value.(*ssa.Parameter)
	if !ok {
		return noHook
	}
	return c.hooks[p.Parent()]
}

// eventsIn returns the events of a function or of a function literal alone.
func (c *checker) eventsIn(fn *ssa.Function) []*event {
	owner := ssaflow.Declared(fn)
	c.effectsOf(owner)
	var events []*event
	for _, e := range c.events[owner] {
		for f := e.instr.Parent(); f != nil; f = f.Parent() {
			if f == fn {
				events = append(events, e)
				break
			}
		}
	}
	return events
}

func isPoolConfig(t types.Type) bool {
	named := gotype.Named(t)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	return named.Obj().Name() == "Config" && strings.HasSuffix(named.Obj().Pkg().Path(), "/pgxpool")
}
