package project

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestColumnsFromSettings(t *testing.T) {
	const (
		table   = "CREATE TABLE a (id uuid PRIMARY KEY, owner_ref uuid, tenant_id uuid);\n"
		wrapper = "CREATE FUNCTION f() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT current_setting('app.ctx')::uuid $$;\n"
	)
	for name, c := range map[string]struct {
		sql      string
		settings []string
		want     []string
	}{
		"compared with the model's setting": {table + "CREATE POLICY p ON a USING (owner_ref = current_setting('app.ctx')::uuid);", []string{"app.ctx"}, []string{"owner_ref"}},
		"through a function":                {wrapper + table + "CREATE POLICY p ON a USING (f() = owner_ref);", []string{"app.ctx"}, []string{"owner_ref"}},
		"swapped by renames":                {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('app.ctx')::uuid); ALTER TABLE a RENAME tenant_id TO tmp; ALTER TABLE a RENAME owner_ref TO tenant_id; ALTER TABLE a RENAME tmp TO owner_ref;", []string{"app.ctx"}, []string{"tenant_id"}},
		"renamed, and another of the name":  {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('app.ctx')::uuid); ALTER TABLE a RENAME tenant_id TO old; ALTER TABLE a ADD tenant_id uuid;", []string{"app.ctx"}, []string{"tenant_id"}},
		"renamed":                           {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('app.ctx')::uuid); ALTER TABLE a RENAME tenant_id TO shop_ref;", []string{"app.ctx"}, []string{"shop_ref"}},
		"with a cast":                       {table + "CREATE POLICY p ON a USING (owner_ref::text = current_setting('app.org_id'));", nil, []string{"owner_ref"}},
		"with a setting of something else":  {table + "CREATE POLICY p ON a USING (owner_ref = current_setting('app.user_id')::uuid);", nil, []string{"tenant_id"}},
		"the key of the registry":           {"CREATE TABLE shops (id uuid PRIMARY KEY); CREATE POLICY p ON shops USING (id = current_setting('app.tenant_id')::uuid);", []string{"app.tenant_id"}, nil},
		"one table and a given setting":     {table, []string{"app.tenant_id"}, []string{"tenant_id"}},
		"one table and no setting":          {table, nil, []string{"tenant_id"}},
		"one table of many and no setting":  {table + "CREATE TABLE b (); CREATE TABLE c ();", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := tenancy.NewModel(t.TempDir())
			if c.settings != nil {
				m.Settings = c.settings
				m.Given("tenant.settings")
			}
			s := replayed(t, c.sql)
			got := infer(m, s, nil, nil)
			assert.Equal(t, c.want, got.Columns)
			if c.want != nil {
				assert.Equal(t, classify.Tenant, classify.Of(s, got).Get(s.Lookup("", "a")).Class)
			}
		})
	}
}
