package livecheck_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// invoices are the classes of a schema with one tenant table.
func invoices(rowSecurity bool) *classify.Classes {
	s := pgschema.New()
	name := pgschema.Name{Schema: "public", Name: "invoice"}
	s.Relations[name] = &pgschema.Relation{
		Name: name, Kind: pgschema.Table, RowSecurity: rowSecurity, Columns: []*pgschema.Column{{Name: "tenant_id", Type: "uuid"}},
	}
	return classify.Of(s, &tenancy.Model{Columns: []string{"tenant_id"}})
}

func TestConnectionBypassesRLS(t *testing.T) {
	tests := map[string]struct {
		setup    string // $app is the role of the connection
		auditors []string
		apps     []string
		messages []string
		severity finding.Severity
		note     bool
	}{
		"plain role":  {setup: "GRANT SELECT ON invoice TO $app"},
		"bypassrls":   {setup: "ALTER ROLE $app BYPASSRLS", severity: finding.Error, messages: []string{"role $app is BYPASSRLS, so no policy keeps its sessions from the rows of other tenants"}},
		"superuser":   {setup: "ALTER ROLE $app SUPERUSER", severity: finding.Error, messages: []string{"role $app is a superuser, so no policy"}},
		"owner":       {setup: "ALTER TABLE invoice OWNER TO $app", severity: finding.Error, messages: []string{"role $app is owner of invoice, so no policy"}},
		"forced":      {setup: "ALTER TABLE invoice OWNER TO $app; ALTER TABLE invoice FORCE ROW LEVEL SECURITY"},
		"member":      {setup: "ALTER ROLE $other BYPASSRLS; GRANT $other TO $app", severity: finding.Warning, messages: []string{"role $app can become $other by SET ROLE, which is BYPASSRLS, so one injected"}},
		"auditor":     {setup: "ALTER ROLE $app BYPASSRLS", auditors: []string{"$app"}, note: true},
		"app role":    {setup: "ALTER ROLE $other BYPASSRLS", apps: []string{"$other"}, severity: finding.Error, messages: []string{"role $other is BYPASSRLS"}},
		"owner, heir": {setup: "ALTER TABLE invoice OWNER TO $other; GRANT $other TO $app", severity: finding.Error, messages: []string{"role $app is owner of invoice", "role $app can become $other"}},
	}
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				db := s.Database(t, "CREATE TABLE invoice (tenant_id uuid NOT NULL); ALTER TABLE invoice ENABLE ROW LEVEL SECURITY")
				role := db.Role(t, "LOGIN")
				fill := strings.NewReplacer("$app", role, "$other", db.Role(t, "NOLOGIN"))
				db.Exec(t, fill.Replace(tt.setup))
				model := &tenancy.Model{}
				for _, name := range tt.auditors {
					model.Roles.Auditor = append(model.Roles.Auditor, fill.Replace(name))
				}
				for _, name := range tt.apps {
					model.Roles.App = append(model.Roles.App, fill.Replace(name))
				}
				result, err := livecheck.Check(t.Context(), db.Connect(t, role), invoices(true), model)
				require.NoError(t, err)
				require.Len(t, result.Findings, len(tt.messages), "%v", result.Findings)
				for i, want := range tt.messages {
					assert.Contains(t, result.Findings[i].Message, fill.Replace(want))
				}
				if len(result.Findings) > 0 {
					assert.Equal(t, tt.severity, result.Findings[0].Severity)
				}
				assert.Equal(t, tt.note, len(result.Notes) == 1)
			})
		}
	})
}

func TestNothingToBypass(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t)
		result, err := livecheck.Check(t.Context(), db.Connect(t, pgtest.Superuser), invoices(false), &tenancy.Model{})
		require.NoError(t, err)
		assert.Empty(t, result.Findings)
	})
}

func TestUnknownAppRole(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t)
		model := &tenancy.Model{Roles: tenancy.Roles{App: []string{"nobody_of_that_name"}, Owner: []string{pgtest.Superuser}}}
		result, err := livecheck.Check(t.Context(), db.Connect(t, pgtest.Superuser), invoices(true), model)
		require.NoError(t, err)
		require.Len(t, result.Skipped, 1)
		assert.True(t, result.Broken())
	})
}
