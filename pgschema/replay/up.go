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
}

// UpPart returns the part of a file that is applied on the way up.
func UpPart(f File) Up {
	if f.Format == tenancy.Auto {
		f.Format = detect(f)
	}
	text, notes := upPart(f)
	up := Up{Source: pgast.NewSource(f.Name, text), Format: f.Format}
	for _, n := range notes {
		up.Skipped = append(up.Skipped, finding.Skipped{Position: up.Source.Position(n.offset), What: n.what, Reason: n.reason})
	}
	return up
}
