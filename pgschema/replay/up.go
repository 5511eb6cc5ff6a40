package replay

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Up is what a migration tool applies of a file on the way up.
type Up struct {
	// Source has the text of the whole file, blank where nothing is applied.
	Source *pgast.Source
	// Format is the convention of the file, detected where the file does not say.
	Format tenancy.Format
	// Skipped are the psql commands and the like that were passed over and matter.
	Skipped []finding.Skipped
	// generating are the places of \gexec, which runs what the query before it returns.
	generating []finding.Position
}

// UpPart returns the part of a file that is applied on the way up.
func UpPart(f File) Up {
	if f.Format == tenancy.Auto {
		f.Format = detect(f)
	}
	b := upPart(f)
	up := Up{Source: b.source(f.Name), Format: f.Format}
	original := pgast.NewSource(f.Name, f.Text)
	for _, n := range b.notes {
		up.Skipped = append(up.Skipped, finding.Skipped{Position: original.Position(n.offset), What: n.what, Reason: n.reason})
	}
	for _, offset := range b.generating {
		up.generating = append(up.generating, original.Position(offset))
	}
	return up
}
