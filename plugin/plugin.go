// Package plugin makes tenantvet a linter of golangci-lint, by its module plugin system. A custom
// binary links it with a blank import, as golangci-lint custom does.
package plugin

import (
	"fmt"
	"os"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

var _ = registered()

func registered() bool {
	register.Plugin("tenantvet", New)
	return true
}

// Settings are linters.settings.custom.tenantvet.settings of .golangci.yml. All are optional: without
// any, each package is judged by the .tenantvet.yml above it.
type Settings struct {
	// Config is the path of the model file, relative to where golangci-lint runs.
	Config       string   `json:"config"`
	TenantColumn []string `json:"tenant-column"`
	Setting      []string `json:"setting"`
	AppRole      []string `json:"app-role"`
	OwnerRole    []string `json:"owner-role"`
	PGVersion    int      `json:"pg-version"`
	Enforcement  string   `json:"enforcement"`
	// Digest is not looked at: golangci-lint knows nothing of the SQL files that tenantvet reads, but
	// it forgets its cached findings when a setting changes.
	Digest string `json:"digest"`
}

type linter struct{}

// New makes the linter; settings may be nil. It refuses keys and values it does not know.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("settings of tenantvet: %w", err)
	}
	opts := project.Options{
		Config: s.Config, TenantColumns: s.TenantColumn, Settings: s.Setting, AppRoles: s.AppRole, OwnerRoles: s.OwnerRole,
		PGVersion: s.PGVersion, Enforcement: tenancy.Enforcement(s.Enforcement),
	}
	switch opts.Enforcement {
	case "", tenancy.EnforceRLS, tenancy.EnforcePredicate, tenancy.EnforceBoth:
	default:
		return nil, fmt.Errorf("settings of tenantvet: enforcement %q: use rls, predicate or both", s.Enforcement)
	}
	analyzers.UseGolangci()
	if !s.given() {
		return linter{}, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	p, err := project.Load(dir, opts)
	if err != nil {
		return nil, err
	}
	analyzers.Use(p)
	return linter{}, nil
}

// given reports whether any setting of the model is there.
func (s Settings) given() bool {
	return s.Config != "" || s.PGVersion != 0 || s.Enforcement != "" ||
		len(s.TenantColumn)+len(s.Setting)+len(s.AppRole)+len(s.OwnerRole) > 0
}

// BuildAnalyzers returns the suite.
func (linter) BuildAnalyzers() ([]*analysis.Analyzer, error) { return analyzers.Suite, nil }

// GetLoadMode asks for types.
func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }
