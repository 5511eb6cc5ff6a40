package differential

import (
	"fmt"
	"math/rand/v2"
)

// generator writes one random schema, statement by statement.
type generator struct {
	*rand.Rand
	major int
	// care is the share of choices that are made as a careful author makes them.
	care float64
	// keyType is the type of the tenant's id.
	keyType string
	tables  []*table
	// views are relations that others may be built on, as well as tables.
	views []*table
	// declared are the functions that conditions call, and the types of columns.
	declared map[string]bool
	// statements are those of the schema; one text may hold several that belong together.
	statements []string
	// features are the kinds of things used, for the report.
	features map[string]bool
	serial   int
}

// newGenerator makes the generator of the schema with a number: the same for the same seed.
func newGenerator(seed, index uint64, major int) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, index)), major: major, declared: map[string]bool{}, features: map[string]bool{}}
	g.care = []float64{1, 1, 1, 0.96, 0.9, 0.8, 0.7, 0.5}[g.IntN(8)]
	g.keyType = g.word("uuid", "uuid", "uuid", "text", "integer", "bigint")
	return g
}

// schema writes the statements of a schema.
func (g *generator) schema() []string {
	g.makeRoles()
	g.makeDefaultPrivileges()
	g.makeTables()
	for _, t := range g.tables {
		g.protect(t)
		g.grant(t)
	}
	for _, extra := range []struct {
		chance float64
		make   func()
	}{
		{0.15, g.makePart}, {0.03, g.makePart}, {0.2, g.makeKey}, {0.12, g.makeReference},
		{0.08, g.makeMaterializedView}, {0.35, g.makeView}, {0.2, g.makeView}, {0.1, g.makeView}, {0.08, g.makeInsteadTrigger}, {0.05, g.makeInsteadRule},
		{0.3, g.makeFunction}, {0.12, g.makeFunction}, {0.2, g.makeTrigger}, {0.05, g.makeTrigger}, {0.06, g.makeRule}, {0.1, g.grantSequences},
	} {
		if g.chance(extra.chance) {
			extra.make()
		}
	}
	return g.statements
}

func (g *generator) chance(p float64) bool { return g.Float64() < p }

// slips reports whether the author is careless here. What an author seldom gets wrong has a small weight.
func (g *generator) slips(weight float64) bool { return g.chance((1 - g.care) * weight) }

// word picks one of some words.
func (g *generator) word(words ...string) string { return words[g.IntN(len(words))] }

// of evaluates one of some alternatives.
func (g *generator) of(alternatives ...func() string) string {
	return alternatives[g.IntN(len(alternatives))]()
}

func (g *generator) note(feature string) { g.features[feature] = true }

func (g *generator) add(format string, args ...any) {
	g.statements = append(g.statements, fmt.Sprintf(format, args...)+";")
}

// asSuperuser adds statements that the owner of the schema may not issue.
func (g *generator) asSuperuser(format string, args ...any) {
	g.add("RESET ROLE; %s; SET ROLE app_owner", fmt.Sprintf(format, args...))
}

// name makes a name that nothing else has.
func (g *generator) name(prefix string) string {
	g.serial++
	return fmt.Sprintf("%s_%d", prefix, g.serial)
}
