package sqlflow

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// maxExported bounds the text in one fact.
const maxExported = 1 << 16

// export writes the facts of the package's functions and variables.
func (c *collector) export() {
	for _, fn := range c.index.program.Funcs {
		object, ok := fn.Object().(*types.Func)
		if !ok || fn.Parent() != nil {
			continue
		}
		c.depth, c.steps, c.near = 0, 0, fn.Pos()
		fact := Summary{Runs: exportedRuns(fn, c.runsOf(fn))}
		if textResult(fn.Signature) >= 0 {
			if returns := exported(fn, c.summary(fn)); worthwhile(returns) || fn.Name() == tableName {
				fact.Returns = returns
			}
		}
		for _, s := range c.builderSummary(fn, 0) {
			fact.Builds = append(fact.Builds, s.mapped(func(set []Template) []Template { return exported(fn, set) }))
		}
		if fact.Returns != nil || fact.Runs != nil || fact.Builds != nil {
			c.pass.ExportObjectFact(object, &fact)
		}
	}
	for _, member := range c.index.program.Pkg.Members {
		g, ok := member.(*ssa.Global)
		if !ok || g.Object() == nil || !isText(g.Type().Underlying().(*types.Pointer).Elem()) {
			continue
		}
		if text := exported(nil, c.global(g)); worthwhile(text) {
			c.pass.ExportObjectFact(g.Object(), &Constant{Templates: text})
		}
	}
}

func exportedRuns(fn *ssa.Function, runs []Run) []Run {
	var out []Run
	for _, run := range runs {
		run.Templates = exported(fn, run.Templates)
		out = append(out, run)
	}
	return out
}

// exported makes templates fit for another package: without places, and with parameters of the
// function itself only.
func exported(fn *ssa.Function, set []Template) []Template {
	out := make([]Template, len(set))
	for i, t := range set {
		for _, p := range t.Pieces {
			q := Piece{Text: p.Text}
			if p.Hole != nil {
				h := Hole{Kind: p.Hole.Kind, Code: p.Hole.Code, Param: -1}
				if p.Hole.param == nil || p.Hole.param.Parent() == fn {
					h.Param = p.Hole.Param
				}
				q.Hole = &h
			}
			out[i].Pieces = append(out[i].Pieces, q)
		}
	}
	return out
}

// worthwhile reports whether text is worth a fact: pieces of SQL hold blanks.
func worthwhile(set []Template) bool {
	size, blank := 0, false
	for _, t := range set {
		for _, p := range t.Pieces {
			size += len(p.Text)
			blank = blank || strings.ContainsAny(p.Text, " \n\t")
		}
	}
	return blank && size <= maxExported
}

// String shows the fact in the form in which tests assert it.
func (s *Summary) String() string {
	var parts []string
	for _, t := range s.Returns {
		parts = append(parts, "returns "+t.String())
	}
	for _, run := range s.Runs {
		for _, t := range run.Templates {
			parts = append(parts, "runs "+t.String())
		}
	}
	for _, b := range s.Builds {
		for _, t := range b.render() {
			parts = append(parts, "builds "+t.String())
		}
	}
	return strings.Join(parts, "; ")
}

func (c *Constant) String() string {
	var parts []string
	for _, t := range c.Templates {
		parts = append(parts, t.String())
	}
	return strings.Join(parts, " | ")
}
