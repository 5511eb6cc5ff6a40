package isolationtest

import (
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/prove"
)

// Option changes what is proved.
type Option func(*settings)

type settings struct {
	dir       string
	model     project.Options
	superuser string
	accepted  []*acceptance
}

// AppRole names the role that the service connects as.
func AppRole(name string) Option {
	return func(s *settings) { s.model.AppRoles = []string{name} }
}

// TenantColumn names the columns that hold the tenant.
func TenantColumn(names ...string) Option {
	return func(s *settings) { s.model.TenantColumns = names }
}

// Setting names the settings that carry the tenant of a session, such as app.tenant_id.
func Setting(names ...string) Option {
	return func(s *settings) { s.model.Settings = names }
}

// Dir is the folder from which upwards .tenantvet.yml is looked for, instead of the test's own.
func Dir(path string) Option {
	return func(s *settings) { s.dir = path }
}

// Superuser gives the DSN of a superuser on the same server, for tests that connect as somebody less.
// The name of a database in it does not matter.
func Superuser(dsn string) Option {
	return func(s *settings) { s.superuser = dsn }
}

// Accept lets a known way across be, such as one that a later migration mends. The object and the command
// are those of the failure; an empty command stands for all. It fails the test when there is no such way,
// so that it goes when its reason does.
func Accept(object string, command prove.Command, reason string) Option {
	return func(s *settings) {
		s.accepted = append(s.accepted, &acceptance{object: object, command: command, reason: reason})
	}
}

type acceptance struct {
	object  string
	command prove.Command
	reason  string
	used    bool
}
