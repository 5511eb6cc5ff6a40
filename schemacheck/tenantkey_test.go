package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestStampsAndDefaults holds the verdict on new rows whose policies let any through, by what sets their tenant.
func TestStampsAndDefaults(t *testing.T) {
	const current = "nullif(current_setting('app.tenant_id', true), '')::bigint"
	const table = `CREATE TABLE note (id bigint, tenant_id bigint NOT NULL, body text); ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON note USING (tenant_id = ` + current + `) WITH CHECK (true);
`
	stamp := func(assign, give string) string {
		return "GRANT INSERT ON note TO app_user; CREATE FUNCTION s() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN " + assign + "; RETURN " + give +
			"; END$$; CREATE TRIGGER s BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION s();"
	}
	byDefault := func(value string) string {
		return "GRANT INSERT (id, body) ON note TO app_user; ALTER TABLE note ALTER tenant_id SET DEFAULT " + value + ";"
	}
	for name, c := range map[string]struct {
		schema string
		want   finding.Verdict
	}{
		"a stamp":                             {stamp("NEW.tenant_id := "+current, "NEW"), finding.Isolated},
		"a stamp that gives either row":       {stamp("NEW.tenant_id := "+current, "coalesce(NEW, OLD)"), finding.Isolated},
		"a stamp that falls back to a number": {stamp("NEW.tenant_id := coalesce("+current+", 5)", "NEW"), finding.Leaks},
		"a stamp by CASE":                     {stamp("NEW.tenant_id := CASE WHEN "+current+" IS NULL THEN 5 ELSE "+current+" END", "NEW"), finding.Leaks},
		"a stamp that counts on":              {stamp("NEW.tenant_id := "+current+" + 1", "NEW"), finding.Leaks},
		"a stamp of a row that is not kept":   {stamp("NEW.tenant_id := "+current, "ROW(NEW.id, 5, NEW.body)"), finding.Leaks},
		"a default":                           {byDefault(current), finding.Isolated},
		"a default that falls back":           {byDefault("coalesce(" + current + ", 5)"), finding.Leaks},
		"a number by default":                 {byDefault("5"), finding.Leaks},
		"a default that counts on":            {byDefault(current + " + 1"), finding.Leaks},
	} {
		t.Run(name, func(t *testing.T) {
			m := fixture{name: "schema.sql", text: table + c.schema, model: fixtureModel()}.matrix()
			cell := cellOf(t, m, "public.note", "insert")
			assert.Equal(t, c.want, cell.Verdict, cell.Reason)
		})
	}
}
