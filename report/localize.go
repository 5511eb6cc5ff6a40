package report

import (
	"path/filepath"

	"github.com/tenantvet/tenantvet/finding"
)

// Localize finishes a result for its readers: sorted, fingerprinted with files relative to root, so
// that a fingerprint is the same on every machine and from every folder, and with files relative
// to dir, where the reader stands.
func Localize(r *finding.Result, root, dir string) {
	rename(r, root)
	r.Sort()
	finding.Fingerprint(r.Findings)
	each(r, func(p *finding.Position) {
		if p.File == "" || filepath.IsAbs(p.File) {
			return
		}
		if file, err := filepath.Rel(dir, filepath.Join(root, p.File)); err == nil {
			p.File = filepath.ToSlash(file)
		}
	})
}

func rename(r *finding.Result, root string) {
	each(r, func(p *finding.Position) {
		if !filepath.IsAbs(p.File) {
			return
		}
		if file, err := filepath.Rel(root, p.File); err == nil {
			p.File = filepath.ToSlash(file)
		}
	})
}

func each(r *finding.Result, change func(*finding.Position)) {
	for i := range r.Findings {
		change(&r.Findings[i].Position)
		for j := range r.Findings[i].Related {
			change(&r.Findings[i].Related[j].Position)
		}
	}
	for i := range r.Undecided {
		change(&r.Undecided[i].Position)
	}
	for i := range r.Skipped {
		change(&r.Skipped[i].Position)
	}
}
