package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

// A service as each of the four patterns keeps its tenants apart. organization_id is a customer of the tenant, and
// looks like a tenant column.
const (
	oneTenantsTables = `
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, organization_id bigint);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), organization_id bigint, total numeric);
CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders (id), n int, organization_id bigint, PRIMARY KEY (order_id, n));
CREATE INDEX orders_user ON orders (user_id);
CREATE VIEW open_orders AS SELECT * FROM orders;
`
	ownersFunction = `
CREATE FUNCTION total() RETURNS numeric LANGUAGE sql SECURITY DEFINER AS 'SELECT sum(total) FROM orders';
`
	schemasOfTenants = `
CREATE ROLE app LOGIN;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text);
CREATE TABLE subscriptions (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id), plan text);
DO $$ DECLARE t text; BEGIN
	FOREACH t IN ARRAY ARRAY['acme', 'best', 'core'] LOOP
		EXECUTE format('CREATE SCHEMA %I', t);
		EXECUTE format('CREATE TABLE %I.orders (id int PRIMARY KEY, organization_id bigint)', t);
		EXECUTE format('CREATE TABLE %I.users (id int PRIMARY KEY, organization_id bigint)', t);
		EXECUTE format('GRANT USAGE ON SCHEMA %I TO app', t);
		EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO app', t);
	END LOOP;
END $$;
`
	sharedTables = `
CREATE TABLE tenants (id uuid PRIMARY KEY, name text);
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id), total numeric);
`
)

func TestPatterns(t *testing.T) {
	for name, c := range map[string]struct {
		model, migration string
		want             []string
		note             string
		verdict          string
	}{
		"shared schema": {
			"pattern: shared-schema\nenforcement: rls\n", sharedTables,
			[]string{"error rls-disabled", "error tenant-index-missing", "warning rls-disabled"}, "tenant column tenant_id (1 of 2 tables)", "leaks",
		},
		"hybrid, a pool of shared schemas": {
			"pattern: hybrid\nenforcement: rls\n", sharedTables,
			[]string{"error rls-disabled", "error tenant-index-missing", "warning rls-disabled"}, "tenant column tenant_id (1 of 2 tables)", "leaks",
		},
		"the schema of whichever tenant": {
			"pattern: schema-per-tenant\n", oneTenantsTables,
			nil, "3 tables belong to the tenant whose schema they are in", "isolated: nothing found (3 tenant tables of 3)",
		},
		"the schema of whichever tenant, with a function of the owner's": {
			"pattern: schema-per-tenant\n", oneTenantsTables + ownersFunction,
			[]string{"warning function-search-path"}, "3 tables belong to the tenant whose schema they are in", "isolated: 1 warning",
		},
		"schemas of tenants": {
			"pattern: schema-per-tenant\n", schemasOfTenants,
			[]string{"error tenant-index-missing", "info rls-disabled", "info role-spans-schemas"}, "6 tables belong to the tenant whose schema they are in", "(8 tenant tables of 8)",
		},
		"schemas of tenants, unsaid": {
			"", schemasOfTenants,
			[]string{"error tenant-index-missing", "info rls-disabled", "info role-spans-schemas"}, "6 tables belong to the tenant whose schema they are in", "(8 tenant tables of 8)",
		},
		"a database for each tenant": {
			"pattern: database-per-tenant\n", oneTenantsTables + ownersFunction,
			nil, "3 tables belong to the tenant whose database they are in", "isolated: nothing found (3 tenant tables of 3)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "migrations"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "migrations", "0001_init.sql"), []byte(c.migration), 0o644))
			if c.model != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, ".tenantvet.yml"), []byte(c.model), 0o644))
			}
			var stdout, stderr bytes.Buffer
			run(t.Context(), []string{"schema", "-C", dir, "--format", "json"}, &stdout, &stderr)
			var result finding.Result
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &result), "stderr: %s", &stderr)
			var got []string
			for _, f := range result.Findings {
				got = append(got, f.Severity.String()+" "+f.Rule)
			}
			slices.Sort(got)
			assert.Equal(t, c.want, slices.DeleteFunc(got, func(line string) bool { return line == "info tenant-column-mutable" }))

			stdout.Reset()
			run(t.Context(), []string{"schema", "-C", dir}, &stdout, &stderr)
			assert.Contains(t, stdout.String(), c.note)
			assert.Contains(t, stdout.String(), c.verdict)
		})
	}
}
