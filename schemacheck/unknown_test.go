package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// What replay cannot see through may have protected a table: then the answer stays open.
func TestUnknownStatementsLeaveItOpen(t *testing.T) {
	const table = "CREATE TABLE t (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);\nGRANT SELECT ON t TO app_user;\n"
	const trigger = `CREATE FUNCTION protect() RETURNS event_trigger LANGUAGE plpgsql AS $$
		DECLARE o record;
		BEGIN
			FOR o IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
				EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', o.object_identity);
			END LOOP;
		END $$;
		CREATE EVENT TRIGGER protect ON ddl_command_end EXECUTE FUNCTION protect();
		`
	for name, c := range map[string]struct {
		sql  string
		want finding.Verdict
	}{
		"nothing unknown": {table, finding.Leaks},
		"a block over unknown rows": {table + `DO $$ DECLARE x text; BEGIN
			FOR x IN SELECT application_name FROM pg_stat_activity LOOP EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', x); END LOOP; END $$;`, finding.Unknown},
		"a block before the table": {`DO $$ DECLARE x text; BEGIN
			FOR x IN SELECT application_name FROM pg_stat_activity LOOP EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', x); END LOOP; END $$;` + "\n" + table, finding.Leaks},
		"a block about something else": {table + `DO $$ DECLARE x text; BEGIN
			FOR x IN SELECT application_name FROM pg_stat_activity LOOP EXECUTE format('CREATE INDEX ON %I (tenant_id)', x); END LOOP; END $$;`, finding.Leaks},
		"a function of somebody else": {table + "SELECT platform.protect('t');", finding.Unknown},
		"an event trigger before":     {trigger + table, finding.Unknown},
		"an event trigger that notifies": {`CREATE FUNCTION reload() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY pgrst; END $$;
			CREATE EVENT TRIGGER reload ON ddl_command_end EXECUTE FUNCTION reload();
			` + table, finding.Leaks},
	} {
		t.Run(name, func(t *testing.T) {
			model := tenancy.Model{
				File: ".tenantvet.yml", Enforcement: tenancy.EnforceRLS, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"},
				Roles: tenancy.Roles{App: []string{"app_user"}, Owner: []string{"app_owner"}},
			}
			schema := replay.Replay([]replay.File{{Name: "m.sql", Text: prelude + c.sql, Format: tenancy.Plain}}, replay.Options{Owner: "app_owner"})
			found := schemacheck.Check(schema, classify.Of(schema, &model), &model)
			result := finding.Result{Findings: of(found, "rls-disabled"), Undecided: found.Undecided}
			assert.Equal(t, c.want, result.Verdict())
		})
	}
}
