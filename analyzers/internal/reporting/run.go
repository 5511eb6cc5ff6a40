package reporting

import (
	"fmt"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
)

// Judge looks at one package of the project by its tenancy model and tells the reporter what it found.
type Judge func(r *Reporter, config *tvconfig.Config, p *project.Project)

// Run is the Run function of an analyzer: it lets judge look at the package, unless that is not of the
// user's own code. A panic ends the work on this package alone, and the result says that the subject,
// such as "its queries", was not judged: to pass it over in silence would call it clean. The error is
// about a broken model file.
func Run(pass *analysis.Pass, subject string, judge Judge) (result any, err error) {
	config := pass.ResultOf[tvconfig.Analyzer].(*tvconfig.Config)
	r := New(pass, config)
	if !config.FirstParty {
		return r.Finish(), nil
	}
	p, err := config.Project()
	if err != nil {
		return nil, err
	}
	defer func() {
		if reason := recover(); reason != nil {
			r.Skipped(finding.Skipped{What: pass.Pkg.Path(), Broken: true,
				Reason: fmt.Sprintf("%s could not be judged: %v", subject, reason)})
			result = r.Finish()
		}
	}()
	judge(r, config, p)
	return r.Finish(), nil
}
