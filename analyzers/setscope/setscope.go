package setscope

import (
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/reporting"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

// checker analyses one package.
type checker struct {
	pass     *analysis.Pass
	config   *tvconfig.Config
	model    *tenancy.Model
	names    *tenantname.Names
	reporter *reporting.Reporter
	flow     *sqlflow.Result
	program  *lazyssa.Program

	// events are the SETs and the like in each declared function, its literals included.
	events  map[*ssa.Function][]*event
	calls   map[*ssa.Function][]ssa.CallInstruction
	effects map[*ssa.Function]*effects
	loads   map[loadKey]ssa.Value
	naming  map[*ssa.UnOp]bool // the loads that sameLoad is at
	hooks   map[*ssa.Function]hook
	// released are the settings that the release hooks of the package reset.
	released []command
}

// event is a command that runs on a handle.
type event struct {
	command
	instr  ssa.CallInstruction
	handle handle
	// call is the call that runs the text; nil when a function of the team's own does.
	call *sqlflow.Call
	// through names that function, and at is where the text stands in it.
	through, at string
	// begun says that the same text has begun a transaction before, or goes on with other statements:
	// the statements of one text are one transaction (PostgreSQL manual, 55.2.2.1).
	begun bool
}

func run(pass *analysis.Pass) (any, error) {
	return reporting.Run(pass, "its SET statements", func(r *reporting.Reporter, config *tvconfig.Config, _ *project.Project) {
		c := &checker{
			pass: pass, config: config, model: config.Model(), names: tenantname.Like(config.Model()), reporter: r,
			flow:   pass.ResultOf[sqlflow.Analyzer].(*sqlflow.Result),
			events: map[*ssa.Function][]*event{}, effects: map[*ssa.Function]*effects{},
			loads: map[loadKey]ssa.Value{}, naming: map[*ssa.UnOp]bool{}, hooks: map[*ssa.Function]hook{},
		}
		if c.build() {
			c.check()
		}
	})
}

// build sets the SSA form; it returns false when nothing in the package sets anything.
func (c *checker) build() bool {
	c.program = c.flow.Program
	if c.program == nil && c.callsSetter() {
		c.program, _ = c.pass.ResultOf[lazyssa.Analyzer].(*lazyssa.Builder).Build()
	}
	return c.program != nil
}

// callsSetter reports whether the package uses a function of another one that runs a SET.
func (c *checker) callsSetter() bool {
	for _, object := range c.pass.TypesInfo.Uses {
		fn, ok := object.(*types.Func)
		if ok && fn.Pkg() != nil && fn.Pkg() != c.pass.Pkg && c.pass.ImportObjectFact(fn.Origin(), &effects{}) {
			return true
		}
	}
	return false
}

func (c *checker) check() {
	c.calls = ssaflow.Calls(c.program)
	c.findEvents()
	c.findHooks()
	for _, fn := range c.program.Funcs {
		if fn.Parent() == nil {
			c.effectsOf(fn)
		}
	}
	for _, fn := range c.program.Funcs {
		if fn.Parent() == nil && !c.crossTenant(fn) {
			c.judge(fn)
		}
	}
	c.export()
}

// findEvents reads the commands of all calls that run SQL by themselves or are given the text to run.
func (c *checker) findEvents() {
	for _, call := range c.flow.Calls {
		owner := ssaflow.Declared(call.Fn)
		var seen []command
		for _, t := range call.Templates {
			begun := false
			commands := commandsOf(t, boundTo(call))
			for i, cmd := range commands {
				if !cmd.matters() || slices.ContainsFunc(seen, cmd.same) {
					continue
				}
				seen = append(seen, cmd)
				goesOn := slices.ContainsFunc(commands[i+1:], func(c command) bool { return c.action == other })
				e := &event{command: cmd, instr: call.Instr, handle: c.originOf(call.Handle), call: call, begun: begun || goesOn && !cmd.within}
				if call.Kind == models.Batch {
					e.handle, e.begun = c.originOf(c.sentOn(call)), true
				}
				begun = begun || cmd.action == begin
				c.events[owner] = append(c.events[owner], e)
			}
		}
	}
}

// sentOn returns the handle that the batch of a call is sent on, or the batch itself.
func (c *checker) sentOn(call *sqlflow.Call) ssa.Value {
	batch := c.canonical(call.Handle)
	for _, instr := range c.calls[ssaflow.Declared(call.Fn)] {
		if fn := ssaflow.Callee(instr); fn == nil || fn.Name() != "SendBatch" {
			continue
		}
		recv, args := ssaflow.Receiver(instr)
		if recv != nil && slices.ContainsFunc(args, func(arg ssa.Value) bool { return c.canonical(arg) == batch }) {
			return recv
		}
	}
	return call.Handle
}

// matters reports whether a command concerns settings, transactions or tables.
func (c command) matters() bool { return c.action != other || len(c.tables) > 0 }

func (c command) same(d command) bool {
	return c.action == d.action && c.lifetime == d.lifetime && c.setting == d.setting && slices.Equal(c.tables, d.tables)
}

// boundTo returns the constants among the values bound by a call.
func boundTo(call *sqlflow.Call) arguments {
	return func(n int) (string, bool) {
		if n < 1 || n > len(call.Args) || call.Spread && n == len(call.Args) {
			return "", false
		}
		v := call.Args[n-1]
		if m, ok := v.(*ssa.MakeInterface); ok {
			v = m.X
		}
		k, ok := v.(*ssa.Const)
		if !ok || k.Value == nil {
			return "", false
		}
		if k.Value.Kind() == constant.String {
			return constant.StringVal(k.Value), true
		}
		return k.Value.ExactString(), true
	}
}

// carriesTenant reports whether a command sets or resets something that says which tenant's rows a
// session sees: a setting of the model or one named after a tenant; a role or a search_path that is
// not written in the text.
func (c *checker) carriesTenant(cmd command) bool {
	switch cmd.setting {
	case role, authorization, searchPath:
		return !cmd.constant || cmd.action == reset
	case everything:
		return cmd.action == reset
	}
	return c.isTenantSetting(cmd.setting)
}

// isTenantSetting reports whether a custom setting carries the tenant.
func (c *checker) isTenantSetting(name string) bool {
	if c.model.IsTenantSetting(name) {
		return true
	}
	_, last, custom := strings.Cut(name, ".")
	return custom && c.names.Match(last)
}

func (c *checker) crossTenant(fn *ssa.Function) bool {
	object, _ := fn.Object().(*types.Func)
	if _, ok := c.config.CrossTenant(c.pass.Pkg, object); ok {
		return true
	}
	_, ok := c.reporter.CrossTenant(fn.Pos())
	return ok
}

// covers reports whether a reset undoes a SET.
func (cmd command) covers(set command) bool {
	return cmd.action == reset && (cmd.setting == everything || cmd.setting == set.setting)
}
