package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestTenantIndexMissingIsMilderWhereRowsAreReachedOtherwise(t *testing.T) {
	for sql, want := range map[string]finding.Severity{
		"CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL)":                                                               finding.Error,
		"CREATE TABLE t (id uuid, tenant_id uuid NOT NULL, PRIMARY KEY (id, tenant_id))":                                              finding.Error,
		"CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, name text); CREATE INDEX ON t (name)":                          finding.Error,
		"CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, name text UNIQUE)":                                             finding.Error,
		"CREATE TABLE t (name text, tenant_id uuid NOT NULL, PRIMARY KEY (name, tenant_id))":                                          finding.Warning,
		"CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, order_id uuid); CREATE INDEX ON t (order_id) WHERE id IS NULL": finding.Warning,
		"CREATE TABLE t (id uuid, tenant_id uuid NOT NULL, at date) PARTITION BY RANGE (at)":                                          finding.Warning,
		"CREATE TABLE t (id uuid, tenant_id uuid NOT NULL, at date) PARTITION BY HASH (id)":                                           finding.Error,
		"CREATE TABLE mail_outbox (id uuid PRIMARY KEY, tenant_id uuid NOT NULL)":                                                     finding.Warning,
		"CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, open bool); CREATE INDEX ON t (tenant_id) WHERE open":          finding.Info,
		"CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, tags text[]); CREATE INDEX ON t USING gin (tags)":              finding.Error,
	} {
		f := fixture{name: "1.sql", format: tenancy.Plain, model: fixtureModel(), text: "\n" + sql + ";"}
		found := of(f.check(t), "tenant-index-missing")
		if assert.Len(t, found, 1, sql) {
			assert.Equal(t, want, found[0].Severity, sql)
		}
	}
}
