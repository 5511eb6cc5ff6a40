package noninterference

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// kind is the type of an expression.
type kind int

const (
	number kind = iota
	text
	truth
)

// column is a column that a statement may name. Columns of one domain hold ids of the same thing.
type column struct {
	name   string
	kind   kind
	domain string
}

// source is a relation in a statement under a name of its own.
type source struct {
	alias   string
	columns []column
	// child is the column by which rows of a table without tenant belong to another table's rows.
	child *column
}

// name writes a column of the source. The columns that USING has merged belong to no relation.
func (s *source) name(c column) string {
	if s.alias == "" {
		return c.name
	}
	return s.alias + "." + c.name
}

func (s *source) tenant() (string, bool) {
	for _, c := range s.columns {
		if c.domain == "tenant" {
			return s.name(c), true
		}
	}
	return "", false
}

// stored reports whether a column has the name of one of the schema, which says its type.
func stored(c column) bool { return len(c.name) > 2 || c.name == "id" }

// relation is a table, view or function of testdata/schema.sql.
type relation struct {
	name    string
	columns []column
	child   string
	// key are the columns of the primary key.
	key []string
}

var (
	id       = func(domain string) column { return column{"id", number, domain} }
	ref      = func(name, domain string) column { return column{name, number, domain} }
	tenantID = column{"tenant_id", number, "tenant"}
	nameText = column{"name", text, ""}
	score    = column{"score", number, "score"}
	active   = column{"active", truth, ""}
	num      = column{"number", number, "number"}
)

var baseTables = []relation{
	{"tenant", []column{id("tenant"), nameText, score}, "", []string{"id"}},
	{"customer", []column{id("customer"), tenantID, nameText, ref("parent_id", "customer"), score, active, ref("code", "code")}, "", []string{"id"}},
	{"invoice", []column{tenantID, num, ref("customer_id", "customer"), nameText, score}, "", []string{"tenant_id", "number"}},
	{"payment", []column{id("payment"), tenantID, ref("customer_id", "customer"), score}, "", []string{"id"}},
	{"contact", []column{id("contact"), ref("customer_id", "customer"), num, nameText}, "customer_id", []string{"id"}},
	{"call", []column{id("call"), ref("contact_id", "contact"), score, active}, "contact_id", []string{"id"}},
	{"template", []column{id("template"), tenantID, nameText, score}, "", []string{"id"}},
	{"event", []column{tenantID, num, nameText, score}, "", []string{"tenant_id", "number"}},
	{"country", []column{id("country"), nameText, score}, "", []string{"id"}},
}

var views = []relation{
	{name: "rich", columns: []column{id("customer"), tenantID, nameText, score}},
	{name: "total", columns: []column{tenantID, nameText, num, score}},
	{name: "first", columns: []column{tenantID, num, nameText, score}},
	{name: "mine", columns: []column{id("customer"), tenantID, nameText, score}},
	{name: "everything", columns: []column{tenantID, num, nameText}},
	{name: "event_1", columns: []column{tenantID, num, nameText, score}},
}

// generator writes one random statement.
type generator struct {
	*rand.Rand
	aliases int
	// care is the share of relations that are tied to the tenant, as a careful author ties all.
	care float64
	// mixed says that values other than $1 are meant to name the tenant too.
	mixed bool
	// ctes are the WITH queries in force.
	ctes []*source
	// features are the kinds of clauses used, for the report.
	features map[string]bool
	// collides says that a new row may have the key of another tenant's row.
	collides bool
	// budget bounds the number of relations.
	budget int
}

// newGenerator makes the generator of the statement with a number: the same for the same seed.
func newGenerator(seed, index uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, index)), features: map[string]bool{}, budget: 6}
	switch g.IntN(8) {
	case 0:
		g.care = 0.3
	case 1, 2:
		g.care = 0.85
	default:
		g.care = 1
	}
	g.mixed = g.chance(0.35)
	return g
}

func (g *generator) chance(p float64) bool { return g.Float64() < p }

// of evaluates one of some alternatives.
func (g *generator) of(alternatives ...func() string) string {
	return alternatives[g.IntN(len(alternatives))]()
}

// word picks one of some words.
func (g *generator) word(words ...string) string { return words[g.IntN(len(words))] }

func (g *generator) note(feature string) { g.features[feature] = true }

func (g *generator) alias() string {
	g.aliases++
	return fmt.Sprintf("%c%d", "abcdefgh"[g.IntN(8)], g.aliases)
}

// scope holds the relations that an expression may refer to.
type scope struct {
	sources []*source
	outer   *scope
}

func (s *scope) inner() *scope { return &scope{outer: s} }

// choose picks a visible column for which accept is true; mostly one of the innermost level.
func (g *generator) choose(s *scope, accept func(column) bool) (string, bool) {
	for level := s; level != nil; level = level.outer {
		if level.outer != nil && g.chance(0.15) {
			continue
		}
		var found []string
		for _, src := range level.sources {
			for _, c := range src.columns {
				if accept(c) {
					found = append(found, src.name(c))
				}
				// A bare name is that of an inner relation's column if that has one.
				if accept(c) && len(level.sources) == 1 && stored(c) && g.chance(0.1) {
					found = append(found, c.name)
				}
			}
		}
		if len(found) > 0 {
			return found[g.IntN(len(found))], true
		}
	}
	return "", false
}

// statement writes a statement and says whether it may change rows.
func (g *generator) statement() (sql string, changes bool) {
	switch g.IntN(12) {
	case 0:
		return g.insert(), true
	case 1:
		return g.update(&scope{}, true), true
	case 2:
		return g.delete(&scope{}, true), true
	case 3:
		return g.merge(), true
	case 4:
		return g.changingWith(), true
	}
	sql, _ = g.query(&scope{}, nil, 0)
	return sql, false
}

func join(parts []string, separator string) string { return strings.Join(parts, separator) }
