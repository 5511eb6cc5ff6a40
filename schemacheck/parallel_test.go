package schemacheck_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// The number of processors changes no answer.
func TestPoliciesOnSeveralProcessors(t *testing.T) {
	conditions := []string{"tenant_id = current_setting('app.tenant_id', true)::uuid", "true", "tenant_id IS NOT NULL", "name LIKE 'a%'", "tenant_id = hidden()"}
	var sql strings.Builder
	sql.WriteString("CREATE ROLE app_user;\n")
	for i := range 100 {
		fmt.Fprintf(&sql, "CREATE TABLE t%[1]d (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, name text);\nALTER TABLE t%[1]d ENABLE ROW LEVEL SECURITY;\n"+
			"CREATE POLICY p ON t%[1]d USING (%[2]s);\nGRANT SELECT, INSERT, UPDATE ON t%[1]d TO app_user;\n", i, conditions[i%len(conditions)])
	}
	schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: sql.String()}}, replay.Options{})
	model := tenancy.Model{Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, Roles: tenancy.Roles{App: []string{"app_user"}}, PGVersion: 16}
	check := func(processors int) any {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		return schemacheck.Check(schema, classify.Of(schema, &model), &model)
	}
	one := check(1)
	assert.NotEmpty(t, one)
	assert.Equal(t, one, check(4))
}
