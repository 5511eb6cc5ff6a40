package livecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// maxCalls bounds how far functions that call functions are followed.
const maxCalls = 4

// calls says undecided where the statement calls a function that names a tenant's table which neither
// the plan shows nor a policy protects from the function: a plan has nothing of what functions run.
func (a *auditor) calls(j *judgement) {
	seen := map[*pgschema.Function]bool{}
	pgast.Walk(j.stmt.Node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok {
			names := call.GetFuncname()
			for _, f := range a.functions[names[len(names)-1].GetString_().GetSval()] {
				a.follow(j, f, a.planner.role, maxCalls, seen)
			}
		}
		return true
	})
}

// follow looks into a function that runs with the rights of a role.
func (a *auditor) follow(j *judgement, f *pgschema.Function, role string, depth int, seen map[*pgschema.Function]bool) {
	if seen[f] || depth == 0 || f.Extension != "" {
		return
	}
	seen[f] = true
	if f.SecurityDefiner {
		role = f.Owner
	}
	for _, name := range words(f) {
		for _, t := range a.tables[name] {
			shown := slices.ContainsFunc(j.reach.scans, func(s *scan) bool { return root(j.schema, s.relation) == root(j.schema, t.Relation) })
			if !shown && !isBound(j.schema, role, t.Relation) {
				j.undecided(t.Relation.Name.String(), fmt.Sprintf("the function %s names the table, and what a function runs is in no plan", f.Name))
				return
			}
		}
		for _, called := range a.functions[name] {
			a.follow(j, called, role, depth-1, seen)
		}
	}
}

// index notes tables and functions by their names.
func (a *auditor) index() {
	a.tables, a.functions = map[string][]*classify.Table{}, map[string][]*pgschema.Function{}
	for _, t := range a.db.Classes.Tables() {
		if t.Class == classify.Tenant || t.Class == classify.Child {
			a.tables[t.Relation.Name.Name] = append(a.tables[t.Relation.Name.Name], t)
		}
	}
	for _, f := range a.db.Schema.Functions {
		a.functions[f.Name.Name] = append(a.functions[f.Name.Name], f)
	}
}

// words returns the words of a function's body.
func words(f *pgschema.Function) []string {
	text := f.Body
	if len(f.BodyNodes) > 0 {
		text = f.BodyNodes[0].Text // of the whole body
	}
	var found []string
	for l := range pgast.Lexemes(text) {
		word := l.Word
		if l.Kind == '"' {
			word = strings.Trim(text[l.Start:l.End], `"`)
		}
		if word != "" && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}
