package sqlcheck

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/tenancy"
)

// testModel is the tenancy model of testdata/schema.sql.
func testModel() *tenancy.Model {
	return &tenancy.Model{
		Pattern: tenancy.SharedSchema, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, Registry: "tenant",
		Shared: []tenancy.SharedTable{{Name: "country", Reason: "countries"}}, Enforcement: tenancy.EnforcePredicate,
	}
}

var testDatabase = sync.OnceValue(func() *Database {
	text, err := os.ReadFile("testdata/schema.sql")
	if err != nil {
		panic(err)
	}
	return databaseOf(string(text), testModel())
})

func databaseOf(ddl string, model *tenancy.Model) *Database {
	schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: ddl}}, replay.Options{PGVersion: 15})
	return &Database{Schema: schema, Classes: classify.Of(schema, model), Model: model}
}

func parse(t testing.TB, sql string) *pgast.Statement {
	t.Helper()
	statements, broken := Prepare("q.sql", Text(sql), nil)
	require.Empty(t, broken, sql)
	require.Len(t, statements, 1, sql)
	return statements[0]
}
