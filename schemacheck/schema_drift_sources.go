package schemacheck

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/drift"
)

// Source is one schema of several that are meant to be the same.
type Source struct {
	// Name is what findings call it, such as a folder of migrations.
	Name   string
	Schema *pgschema.Schema
}

// Between compares schemas that come from different places. Exactly says that all were read from servers;
// expressions that then differ in more than their form are drift, others are undecided. Privileges are
// compared when each source grants any.
func Between(sources []Source, exactly bool) finding.Result {
	var sets []*drift.Set
	for _, s := range sources {
		sets = append(sets, drift.Source(s.Name, s.Schema, exactly))
	}
	set := drift.Merge(sets...)
	var result finding.Result
	if !set.Grants() {
		set = set.WithoutGrants()
		result.Notes = append(result.Notes, "not each schema that is compared grants privileges, so they are not compared")
	}
	all := set.Compare()
	if !exactly {
		all = slices.DeleteFunc(all, func(d drift.Difference) bool {
			if !reworded(d) {
				return false
			}
			result.Undecided = append(result.Undecided, finding.Undecided{
				Position: originAmong(sources, d), Object: d.Object.String(), Code: "expression-reworded",
				Reason: "the same words in another form, as " + list(append(slices.Clone(d.Odd), d.Against)) + " write it: --shadow compares exactly what a server makes of them",
			})
			return true
		})
	}
	result.Findings = driftFindings(set, all, func(_ string, d drift.Difference) finding.Position { return originAmong(sources, d) })
	return result
}

// reworded reports whether the definitions of an object differ in nothing but the form of expressions: the
// same words in another order, or the query of a view, whose columns and tables a server writes out.
func reworded(d drift.Difference) bool {
	found, usual := d.Changes()
	for i := range found {
		isQuery := strings.HasPrefix(found[i], "AS ") && strings.HasPrefix(usual[i], "AS ")
		constants := !strings.Contains(found[i]+usual[i], drift.Any)
		if !isQuery && !maps.Equal(wordSet(found[i], constants), wordSet(usual[i], constants)) {
			return false
		}
	}
	return len(found) > 0
}

// wordSet are the names and keywords of a text, and on demand its string constants.
func wordSet(text string, constants bool) map[string]bool {
	if !constants {
		text = quotedText.ReplaceAllString(text, " ")
	}
	all := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		all[strings.ToLower(word)] = true
	}
	return all
}

var quotedText = regexp.MustCompile(`'(?:[^']|'')*'`)

// originAmong is where a source says what differs; only files have a place.
func originAmong(sources []Source, d drift.Difference) finding.Position {
	name := d.Relation
	if name == "" {
		name = d.Name
	}
	schema, name, _ := strings.Cut(name, ".")
	for _, s := range sources {
		if r := s.Schema.Relations[pgschema.Name{Schema: schema, Name: name}]; r != nil && r.Origin.IsValid() {
			return r.Origin
		}
	}
	return finding.Position{}
}

// Alike is Between for those of the sources that have at least half of their tables in common.
func Alike(sources []Source) finding.Result {
	var sets []*drift.Set
	byName := map[string]Source{}
	for _, s := range sources {
		sets = append(sets, drift.Source(s.Name, s.Schema, false))
		byName[s.Name] = s
	}
	var result finding.Result
	for _, template := range drift.Merge(sets...).Templates() {
		var alike []Source
		for _, m := range template.Members {
			alike = append(alike, byName[m.Name])
		}
		if len(alike) > 1 {
			result.Add(Between(alike, false))
		}
	}
	return result
}
