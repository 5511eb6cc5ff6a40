package queryscope

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// judgement is what the text of one call says by itself.
type judgement struct {
	call *sqlflow.Call
	// found are the findings and open questions of the text; those that a query file answers for are
	// left out.
	found finding.Result
	// tables are the tenant tables that the statement reaches without any tenant; textAt is where it
	// names the first of them.
	tables []string
	textAt finding.Position
	// associated is the table that an association is read from, where nothing confines it.
	associated string
	// needs is the table whose row-level security the statement relies on, so that it needs a scoped
	// handle; at is where the statement names it.
	needs string
	at    finding.Position
	// pinned says that the text names the tenant, so that the handle is the second line of defence.
	pinned bool
}

func (c *checker) judge(call *sqlflow.Call) *judgement {
	j := &judgement{call: call}
	for _, t := range call.Templates {
		open := call.Open(t)
		if slices.ContainsFunc(open, c.called) || len(open) > 0 && literalSize(t) == 0 {
			continue // the callers decide what runs, here or in another package
		}
		c.judgeText(j, t)
	}
	slices.Sort(j.tables)
	j.tables = slices.Compact(j.tables)
	j.found.Findings = distinct(j.found.Findings)
	switch {
	case call.Association != nil:
		c.judgeAssociation(j)
	case call.Created:
		// A callback of gorm may give the row its tenant.
		j.tables = nil
		for i := range j.found.Findings {
			j.found.Findings[i].Severity = finding.Info
		}
	}
	return j
}

// called reports whether the package calls a function of its own by name. One that is only called
// through an interface, as a value or from elsewhere is judged for whatever it may be given.
func (c *checker) called(fn *ssa.Function) bool { return c.callees[ssaflow.Origin(fn)] }

// distinct keeps one finding of a rule at one place: alternatives of a text share most of it.
func distinct(findings []finding.Finding) []finding.Finding {
	var out []finding.Finding
	for _, f := range findings {
		same := func(g finding.Finding) bool { return g.Rule == f.Rule && g.Position == f.Position }
		if !slices.ContainsFunc(out, same) {
			out = append(out, f)
		}
	}
	return out
}

func (c *checker) judgeText(j *judgement, t sqlflow.Template) {
	place := func(part, offset int) finding.Position {
		pos, external := t.At(part, offset)
		switch {
		case external.IsValid():
			return external
		case pos.IsValid():
			return c.reporter.Position(pos)
		}
		return c.reporter.Position(j.call.Pos())
	}
	parts := partsOf(t)
	if len(parts) == 0 {
		return
	}
	if literalSize(t) == 0 {
		c.unresolved(j, "the text of the statement is not known ("+t.Holes()[0].Code+")")
		return
	}
	statements, broken := sqlcheck.Prepare(place(0, 0).File, parts, place)
	for _, e := range broken {
		if table := c.bases.mentions(t.String()); table != "" && readsRows.MatchString(t.String()) {
			c.unresolved(j, "the statement, which names "+table+", does not parse: "+e.Message)
			break
		}
	}
	_, inFile := c.bases.block(t.String(), c.querySource(j.call.Pos()))
	inFile = inFile && c.reporter.Generated(j.call.Pos())
	for _, stmt := range statements {
		c.judgeStatement(j, stmt, inFile)
	}
}

func (c *checker) judgeStatement(j *judgement, stmt *pgast.Statement, inFile bool) {
	db := c.bases.of(stmt)
	if db == nil {
		if c.bases.tenants() && sqlcheck.NamesUnknownTable(stmt) {
			c.unresolved(j, "the table of the statement is not known until run time")
		}
		return
	}
	references := sqlcheck.Analyze(db.Database, stmt).References
	tenantGiven := slices.ContainsFunc(references, func(r *sqlcheck.Reference) bool { return r.Verdict == sqlcheck.Pinned })
	for _, ref := range references {
		if ref.Verdict != sqlcheck.Unpinned {
			continue
		}
		if a := j.call.Association; a != nil && ref.Position == c.reporter.Position(a.Pos) {
			j.associated = ref.Relation.Name.String()
		}
		if !tenantGiven {
			if len(j.tables) == 0 {
				j.textAt = ref.Position
			}
			j.tables = append(j.tables, ref.Relation.Name.Name)
		}
		if j.needs == "" && db.relies() {
			j.needs, j.at = ref.Relation.Name.String(), ref.Position
		}
	}
	if db.wantsBoth() && j.needs == "" {
		c.demandHandle(j, db, references)
	}
	var options []sqlcheck.Option
	if db.relies() {
		options = append(options, sqlcheck.Scoped())
	}
	found := sqlcheck.Check(db.Database, stmt, options...)
	if len(found.Findings) > 0 {
		j.needs = "" // a scoped handle does not help: the text is the finding
	}
	if !inFile {
		j.found.Add(found)
	}
}

// demandHandle notes that a statement whose text names the tenant is to run where the tenant is set as well.
func (c *checker) demandHandle(j *judgement, db *base, references []*sqlcheck.Reference) {
	for _, ref := range references {
		t := db.Classes.Get(ref.Relation)
		if ref.Verdict == sqlcheck.Pinned && ref.Relation.RowSecurity && t != nil && t.Class != classify.Shared {
			j.needs, j.at, j.pinned = ref.Relation.Name.String(), ref.Position, true
			return
		}
	}
}

// readsRows recognises text that may read or change rows; a CREATE INDEX that is put together from
// parts does not.
var readsRows = regexp.MustCompile(`(?is)^\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*\(?\s*(select|insert|update|delete|with|merge|truncate|copy|do|call|explain|execute|table|declare)\b`)

// unresolved notes text that could not be recovered.
func (c *checker) unresolved(j *judgement, reason string) {
	j.found.Undecided = append(j.found.Undecided, finding.Undecided{
		Position: c.reporter.Position(j.call.Pos()), Object: ssaflow.Declared(j.call.Fn).Name(), Code: "sql-unresolved", Reason: reason,
	})
}

// partsOf converts a template.
func partsOf(t sqlflow.Template) []sqlcheck.Part {
	parts := make([]sqlcheck.Part, len(t.Pieces))
	for i, p := range t.Pieces {
		parts[i] = sqlcheck.Part{Text: p.Text}
		if p.Hole == nil {
			continue
		}
		switch p.Hole.Kind {
		case sqlflow.Number, sqlflow.Literal:
			parts[i].Hole = sqlcheck.ValueText
			if i > 0 { // "$%d" is a placeholder, whichever its number
				parts[i-1].Text = strings.TrimSuffix(parts[i-1].Text, "$")
			}
		case sqlflow.Identifier:
			parts[i].Hole = sqlcheck.NameText
		default:
			parts[i].Hole = sqlcheck.AnyText
		}
	}
	return parts
}

func literalSize(t sqlflow.Template) int {
	n := 0
	for _, p := range t.Pieces {
		n += len(p.Text)
	}
	return n
}

var sourceComment = regexp.MustCompile(`(?m)^//\s*source:\s*(\S+)\s*$`)

// querySource returns the query file that a file generated by sqlc names in its header, or "".
func (c *checker) querySource(pos token.Pos) string {
	for _, file := range c.pass.Files {
		if pos < file.FileStart || pos > file.FileEnd {
			continue
		}
		return sourceOf(file)
	}
	return ""
}

func sourceOf(file *ast.File) string {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, comment := range group.List {
			if m := sourceComment.FindStringSubmatch(comment.Text); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// reportQueries reports what the texts say, and the handles that do not fulfil what they need.
func (c *checker) reportQueries() {
	for _, j := range c.judged {
		if c.crossTenant(j.call.Fn, j.call.Instr) {
			continue
		}
		for i := range j.found.Findings {
			c.relate(j, &j.found.Findings[i])
			if j.call.Chain && j.call.Association == nil {
				chained(j.found.Findings[i].Fix)
			}
		}
		c.reporter.Add(j.call.Pos(), j.found)
		if j.needs != "" {
			c.scopes.require(j)
		}
	}
	c.scopes.finish()
}

// relate adds the call to a finding whose text stands elsewhere.
func (c *checker) relate(j *judgement, f *finding.Finding) {
	at := c.reporter.Position(j.call.Pos())
	if j.call.Wrapped == nil && c.within(ssaflow.Declared(j.call.Fn), f.Position) {
		return
	}
	message := "the statement runs here"
	if j.call.Wrapped != nil {
		message = "the statement runs here, through " + j.call.Wrapped.Name()
	}
	f.Related = append(f.Related, finding.Related{Position: at, Message: message})
}

// chained writes a fix that adds a predicate as the method that adds it to a chain of gorm.
func chained(fix *finding.Fix) {
	if fix == nil {
		return
	}
	predicate, ok := strings.CutPrefix(fix.Code, "AND ")
	if !ok {
		return
	}
	fix.Message, fix.Code = "add to the chain", ".Where("+strconv.Quote(predicate)+")"
	if strings.Count(predicate, "?") == 1 {
		fix.Code = ".Where(" + strconv.Quote(predicate) + ", tenantID)"
	}
}

// within reports whether a place is in the source of a function.
func (c *checker) within(fn *ssa.Function, at finding.Position) bool {
	if fn.Syntax() == nil {
		return false
	}
	from, to := c.reporter.Position(fn.Syntax().Pos()), c.reporter.Position(fn.Syntax().End())
	return at.File == from.File && from.Line <= at.Line && at.Line <= to.Line
}
