package sqlcheck

import (
	"strings"
	"testing"

	"github.com/tenantvet/tenantvet/finding"
)

// FuzzAnalyze holds that any text that parses is judged without a panic, and the same way each time.
func FuzzAnalyze(f *testing.F) {
	for _, c := range fixtures(f) {
		f.Add(c.sql)
	}
	db := testDatabase()
	f.Fuzz(func(t *testing.T, sql string) {
		statements, _ := Prepare("q.sql", Text(sql), nil)
		for _, stmt := range statements {
			first, second := Analyze(db, stmt), Analyze(db, stmt)
			if len(first.References) != len(second.References) {
				t.Fatalf("%d references, then %d", len(first.References), len(second.References))
			}
			for k, r := range first.References {
				if describe(r) != describe(second.References[k]) {
					t.Fatalf("%s, then %s", describe(r), describe(second.References[k]))
				}
			}
			Check(db, stmt, Scoped())
		}
	})
}

// FuzzPrepare holds that holes and placeholders anywhere give statements or errors with a place.
func FuzzPrepare(f *testing.F) {
	for _, c := range fixtures(f) {
		f.Add(strings.ReplaceAll(c.sql, "$1", "…"))
		f.Add(strings.ReplaceAll(c.sql, "$1", ":tenant"))
	}
	f.Add("-- name: X :many\nSELECT ? FROM «n» WHERE @x ?? '…' … ORDER BY %s")
	f.Fuzz(func(t *testing.T, text string) {
		statements, broken := Prepare("q.sql", parts(text), func(part, offset int) finding.Position {
			return finding.Position{File: "q.sql", Line: part + 1, Column: offset + 1}
		})
		for _, b := range broken {
			if !b.IsValid() {
				t.Fatalf("an error without a place: %v", b)
			}
		}
		for _, s := range statements {
			Analyze(testDatabase(), s)
		}
		Queries("q.sql", text)
	})
}
