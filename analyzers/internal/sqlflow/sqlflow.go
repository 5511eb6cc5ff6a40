// Package sqlflow finds the calls that run SQL and recovers their text from SSA form as templates.
// What a function does with SQL for its callers - it returns text, it runs the text it is given - is
// exported as facts, so that wrappers and builders in other packages are seen through.
package sqlflow

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"regexp"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

// Analyzer computes the *Result of a package.
var Analyzer = &analysis.Analyzer{
	Name:       "tenantvet_sqlflow",
	Doc:        "recover the SQL text that each call runs",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer, lazyssa.Analyzer},
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{(*Summary)(nil), (*Constant)(nil)},
}

// Result holds the calls of one package that run SQL.
type Result struct {
	// Program is nil when nothing in the package runs SQL.
	Program *lazyssa.Program
	// Calls are in order of source.
	Calls []*Call
	// Skipped says what of the package could not be analysed.
	Skipped []finding.Skipped
}

// Call is one call that runs SQL.
type Call struct {
	// Fn is the function (or literal) the call stands in.
	Fn    *ssa.Function
	Instr ssa.CallInstruction
	Sink  models.Sink
	// Handle is what the SQL runs on; Kind is its kind by static type.
	Handle ssa.Value
	Kind   models.Kind
	// Args are the values bound to placeholders, in order. Spread says that they come as a slice
	// whose elements are not known (args...), which is then the last element of Args.
	Args   []ssa.Value
	Spread bool
	// Templates are the alternatives of the text: each one is what the call may run.
	Templates []Template
	// Chain says that the text is what a chain of gorm makes.
	Chain bool
	// Association is the one that a chain of gorm reads besides its own rows, nil for anything else.
	Association *Association
	// Created says that the text is the INSERT that gorm makes of a row. What callbacks of gorm give the row besides is
	// not known.
	Created bool
	// Wrapped is the function through which the SQL runs, nil when the call runs it by itself.
	Wrapped *types.Func
}

// Association is a use of Preload or Joins.
type Association struct {
	// Method is the name of the method, Name what it is given: "Lines", "Lines.Product".
	Method, Name string
	Pos          token.Pos
}

// Pos is where the call stands.
func (c *Call) Pos() token.Pos {
	if c.Association != nil {
		return c.Association.Pos
	}
	return c.Instr.Pos()
}

// Summary is what a function does with SQL text for its callers.
type Summary struct {
	// Returns are the alternatives of the text of the first string result, in terms of the
	// function's parameters (their index counts the receiver).
	Returns []Template
	// Runs says that the function runs a parameter, or text made from one, as SQL.
	Runs []Run
	// Builds are the alternatives of the query builder that the function returns.
	Builds []Statement
}

// Run is SQL that a function runs and whose text depends on a parameter.
type Run struct {
	Templates []Template
	// Handle is the parameter the SQL runs on, or -1.
	Handle int
	Kind   models.Kind
	// Args is the variadic parameter passed on as bound values, or -1.
	Args int
}

// AFact marks a fact.
func (*Summary) AFact() {}

// Constant is the text of a package variable that is never assigned after its initialisation.
type Constant struct{ Templates []Template }

// AFact marks a fact.
func (*Constant) AFact() {}

// Open returns the functions whose parameters a template of the call depends on, so that their callers
// decide what runs.
func (c *Call) Open(t Template) []*ssa.Function {
	var fns []*ssa.Function
	for _, h := range t.Holes() {
		if h.param != nil {
			fns = append(fns, h.param.Parent())
		}
	}
	return fns
}

func run(pass *analysis.Pass) (any, error) {
	result := &Result{}
	if !pass.ResultOf[tvconfig.Analyzer].(*tvconfig.Config).FirstParty || !relevant(pass) {
		return result, nil
	}
	program, skipped := pass.ResultOf[lazyssa.Analyzer].(*lazyssa.Builder).Build()
	if skipped != nil {
		result.Skipped = append(result.Skipped, *skipped)
		return result, nil
	}
	defer func() {
		if r := recover(); r != nil {
			result.Skipped = append(result.Skipped, finding.Skipped{What: pass.Pkg.Path(), Broken: true,
				Reason: fmt.Sprintf("its SQL could not be followed: %v", r)})
		}
	}()
	result.Program = program
	c := newCollector(newResolver(pass, newIndex(program)))
	result.Calls = c.calls()
	c.export()
	return result, nil
}

// statementStart recognises text that begins like a statement, and not like a sentence.
var statementStart = regexp.MustCompile(`(?is)^\s*(--[^\n]*\n\s*)*(select\s.*\sfrom\s|select\s+set_config|insert\s+into\s|update\s+\S+\s+(as\s+\S+\s+)?set\s|` +
	`delete\s+from\s|with\s+(recursive\s+)?\w+\s*(\([^)]*\)\s*)?as\s|merge\s+into\s|set\s+(local|session|role)\s|truncate\s)`)

// relevant reports whether a package runs SQL, by itself or through a wrapper, or holds the text of
// a statement.
func relevant(pass *analysis.Pass) bool {
	for _, object := range pass.TypesInfo.Defs {
		if fn, ok := object.(*types.Func); ok && fn.Name() == tableName && fn.Signature().Recv() != nil {
			return true
		}
	}
	seen := map[*types.Func]bool{}
	for _, object := range pass.TypesInfo.Uses {
		fn, ok := object.(*types.Func)
		if !ok || seen[fn] {
			continue
		}
		seen[fn] = true
		if _, ok := models.SinkOf(fn); ok || fn.Name() == "CopyFrom" || fn.Name() == "ToSql" || isGormHandle(fn) {
			return true
		}
		var fact Summary
		if fn.Pkg() != pass.Pkg && pass.ImportObjectFact(fn.Origin(), &fact) && len(fact.Runs) > 0 {
			return true
		}
	}
	for _, tv := range pass.TypesInfo.Types {
		if tv.Value != nil && tv.Value.Kind() == constant.String && statementStart.MatchString(constant.StringVal(tv.Value)) {
			return true
		}
	}
	return false
}
