package tenancy

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
)

// inferable are the keys of the file whose values can be inferred, as Model.Inferred names them.
var inferable = []string{
	"pattern", "tenant.columns", "tenant.type", "tenant.settings", "tenant.registry", "roles.app", "roles.owner",
	"enforcement", "migrations", "queries", "pg_version",
}

// NewModel returns the model of a repository without a file: every value is to be inferred.
func NewModel(root string) *Model {
	return &Model{Root: root, Inferred: slices.Clone(inferable), at: map[string]finding.Position{}}
}

// IsInferred reports whether the value of a key, such as "tenant.columns", was not given.
func (m *Model) IsInferred(key string) bool { return slices.Contains(m.Inferred, key) }

// Given records that the value of a key was given after all, as on the command line.
func (m *Model) Given(key string) {
	m.Inferred = slices.DeleteFunc(slices.Clone(m.Inferred), func(k string) bool { return k == key })
}
