// Package analyzers lists the analyzers of tenantvet.
package analyzers

import (
	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/cachekey"
	"github.com/tenantvet/tenantvet/analyzers/directives"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/analyzers/poolmode"
	"github.com/tenantvet/tenantvet/analyzers/queryscope"
	"github.com/tenantvet/tenantvet/analyzers/setscope"
	"github.com/tenantvet/tenantvet/project"
)

// Suite are all analyzers, in the order in which they are documented.
var Suite = []*analysis.Analyzer{
	queryscope.Analyzer,
	setscope.Analyzer,
	cachekey.Analyzer,
	poolmode.Analyzer,
	directives.Analyzer,
}

// Use makes the analyzers of this process judge by the given project instead of looking for the one
// that each package belongs to.
func Use(p *project.Project) { tvconfig.Use(p) }

// UseGolangci makes the analyzers of this process leave to golangci-lint what it does itself, such as
// honouring nolint.
func UseGolangci() { tvconfig.UseGolangci() }
