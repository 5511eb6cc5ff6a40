package setscope

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/finding"
)

// checkText reports what is wrong with the text of a SET itself.
func (c *checker) checkText(e *event) {
	if e.bound && !e.function {
		c.reportParameter(e)
		return
	}
	if holes := c.dangerous(e.holes); len(holes) > 0 && c.carriesTenant(e.command) {
		c.reportInjection(e, holes)
	}
}

func (c *checker) reportParameter(e *event) {
	if interpolates(e.call) {
		return
	}
	f := finding.New("set-with-parameter", finding.Position{}, e.setting,
		"SET %s takes no bind parameter: PostgreSQL refuses the statement with a syntax error, and the tenant is never set", e.setting)
	if !c.carriesTenant(e.command) {
		f.Severity = finding.Warning
		f.Message = fmt.Sprintf("SET %s takes no bind parameter: PostgreSQL refuses the statement with a syntax error", e.setting)
	}
	if simpleProtocol(e.call) {
		f.Severity = finding.Warning
		f.Message = fmt.Sprintf("SET %s takes no bind parameter: it works here only as long as the simple protocol pastes the value into the text", e.setting)
	}
	f.Fix = setConfigFix(e)
	c.reporter.Report(e.instr.Pos(), f)
}

func (c *checker) reportInjection(e *event, holes []*sqlflow.Hole) {
	f := finding.New("set-injection", finding.Position{}, e.setting,
		"%s %s is put together from strings: a value with a quote in it ends the statement and sets any tenant", e.subject(), e.setting)
	switch e.setting {
	case role, authorization:
		f.Message = fmt.Sprintf("%s %s is put together from strings: a value chosen by a caller selects any role", e.subject(), e.setting)
	case searchPath:
		f.Message = fmt.Sprintf("%s search_path is put together from strings: a value chosen by a caller selects any schema", e.subject())
	}
	if c.validated(e, holes) {
		f.Severity = finding.Warning
		f.Message = fmt.Sprintf("%s %s is put together from strings; the value is a UUID here, but nothing keeps it one", e.subject(), e.setting)
	}
	f.Fix = setConfigFix(e)
	c.reporter.Report(e.instr.Pos(), f)
}

// setConfigFix is the statement that takes the value as a parameter.
func setConfigFix(e *event) *finding.Fix {
	name := e.setting
	if name == authorization {
		return &finding.Fix{Message: "quote the name of the role", Code: "pgx.Identifier{role}.Sanitize()"}
	}
	return &finding.Fix{
		Message: "call set_config, which takes the value as a bind parameter and, with true, holds for the transaction",
		Code:    fmt.Sprintf("SELECT set_config('%s', $1, true)", name),
	}
}

// dangerous returns the holes that can be filled with any text.
func (c *checker) dangerous(holes []*sqlflow.Hole) []*sqlflow.Hole {
	return slices.DeleteFunc(slices.Clone(holes), func(h *sqlflow.Hole) bool { return h.Kind != sqlflow.Text })
}

// interpolates reports whether the library writes the values into the text itself, as bun and go-pg
// do.
func interpolates(call *sqlflow.Call) bool {
	fn := ssaflow.Callee(call.Instr)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	path := fn.Pkg().Path()
	return strings.HasPrefix(path, "github.com/uptrace/bun") || strings.HasPrefix(path, "github.com/go-pg/pg")
}

// simpleProtocol reports whether the call asks pgx for the simple protocol.
func simpleProtocol(call *sqlflow.Call) bool {
	for _, arg := range call.Args {
		if m, ok := arg.(*ssa.MakeInterface); ok {
			arg = m.X
		}
		named, ok := types.Unalias(arg.Type()).(*types.Named)
		if !ok {
			continue
		}
		switch named.Obj().Name() {
		case "QueryExecMode":
			k, ok := arg.(*ssa.Const)
			return ok && k.Value != nil && k.Value.ExactString() == simpleProtocolMode
		case "QuerySimpleProtocol": // pgx v4
			return true
		}
	}
	return false
}

// simpleProtocolMode is pgx.QueryExecModeSimpleProtocol.
const simpleProtocolMode = "5"
