package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/tenancy"
)

// A column is named after a tenant whom the migrations themselves put into the registry.
func TestColumnNamedAfterARegisteredTenant(t *testing.T) {
	f := fixture{name: "1.sql", format: tenancy.Plain, model: fixtureModel(), text: `
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id), umbrella_kind text);
INSERT INTO tenants VALUES ('6f1c2f4e-0000-4000-8000-000000000001', 'Initech'), ('6f1c2f4e-0000-4000-8000-000000000002', 'umbrella'),
	('6f1c2f4e-0000-4000-8000-000000000003', 'default');
`}
	next := fixture{name: "2.sql", format: tenancy.Plain, text: `
ALTER TABLE orders ADD COLUMN custom_initech text, ADD COLUMN default_kind text, ADD COLUMN custom jsonb;
`}
	found := of(f.check(t, next), "per-tenant-ddl")
	if assert.Len(t, found, 1) {
		assert.Contains(t, found[0].Message, "column custom_initech of public.orders bears the name of the tenant initech")
	}
}
