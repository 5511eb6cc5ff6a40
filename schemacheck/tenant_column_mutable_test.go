package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Without row-level security the schema gets one hint, about the tables that no grant and no trigger guards.
func TestTenantColumnMutableUnderPredicates(t *testing.T) {
	f := readFixture(t, "testdata/tenant-column-mutable/clean.sql")
	f.model.Enforcement = tenancy.EnforcePredicate
	f.text = `CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE TABLE payments (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.tenant_id := OLD.tenant_id; RETURN NEW; END $$;
CREATE TRIGGER stay BEFORE UPDATE OF tenant_id ON orders FOR EACH ROW EXECUTE FUNCTION stay();
GRANT UPDATE (memo) ON payments TO app_user;
GRANT SELECT, UPDATE ON invoices, orders TO app_user;`
	found := of(f.check(t), "tenant-column-mutable")
	require.Len(t, found, 1)
	assert.Equal(t, finding.Info, found[0].Severity)
	assert.Equal(t, "nothing in the schema keeps an UPDATE from giving a row to another tenant, in public.invoices", found[0].Message)
}
