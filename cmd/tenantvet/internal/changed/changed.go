// Package changed narrows a result to the code that changed since a git revision, and to its
// consequences.
package changed

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
)

// Filter keeps the findings and undecided things whose position, or one of whose related positions,
// stands in a changed statement of an SQL file or a changed declaration of a Go file: what a change
// causes may stand a few lines below it. All of them stay when the tenancy model itself changed.
// Changes are those since the merge base of rev and HEAD, with what is not committed yet.
func Filter(ctx context.Context, dir, rev, modelFile string, r *finding.Result) error {
	lines, err := since(ctx, dir, rev)
	if err != nil {
		return err
	}
	if modelFile != "" && lines[modelFile] != nil {
		r.Notes = append(r.Notes, "the tenancy model changed since "+rev+", so everything is shown")
		return nil
	}
	f := filter{lines: lines, extents: extents{}}
	r.Findings = slices.DeleteFunc(r.Findings, func(found finding.Finding) bool {
		return !f.touches(found.Position) && !slices.ContainsFunc(found.Related, func(related finding.Related) bool {
			return f.touches(related.Position)
		})
	})
	r.Undecided = slices.DeleteFunc(r.Undecided, func(u finding.Undecided) bool { return !f.touches(u.Position) })
	return nil
}

type filter struct {
	lines   map[string][]finding.Lines // changed lines by absolute file
	extents extents
}

func (f *filter) touches(at finding.Position) bool {
	file := at.File
	if resolved, err := filepath.EvalSymlinks(file); err == nil {
		file = resolved
	}
	changed := f.lines[file]
	if changed == nil {
		return false
	}
	extent := f.extents.of(at)
	return slices.ContainsFunc(changed, func(c finding.Lines) bool { return c.From <= extent.To && extent.From <= c.To })
}
