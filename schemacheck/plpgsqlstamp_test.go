package schemacheck_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// A trigger stamps a row only if it does on every path, last.
func TestStamps(t *testing.T) {
	const schema = `
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, kind text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON invoices TO app_user;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE new_kind text; BEGIN %s RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION stamp();`
	const set = "NEW.tenant_id := current_setting('app.tenant_id')::uuid;"
	for body, stamps := range map[string]bool{
		set: true,
		"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; " + set:                                   true,
		set + " IF NEW.kind = 'a' THEN RETURN NEW; END IF;":                                     true,
		set + " SELECT 'a' INTO STRICT new_kind;":                                               true,
		"NEW.tenant_id := NEW.id; " + set:                                                       true,
		"CASE WHEN NEW.kind = 'a' THEN NULL; ELSE " + set + " END CASE;":                        false,
		"IF NEW.kind = 'a' THEN RETURN NEW; END IF; " + set:                                     false,
		"LOOP EXIT WHEN NEW.kind = 'a'; " + set + " EXIT; END LOOP;":                            false,
		"<<b>> BEGIN EXIT b WHEN NEW.kind = 'a'; " + set + " END;":                              false,
		"BEGIN PERFORM 1 / length(NEW.kind); " + set + " EXCEPTION WHEN OTHERS THEN NULL; END;": false,
		set + " IF NEW.kind = 'a' THEN NEW.tenant_id := NEW.id; END IF;":                        false,
		set + " SELECT NEW.id INTO NEW.tenant_id;":                                              false,
		set + " SELECT * FROM invoices LIMIT 1 INTO NEW;":                                       false,
		set + " NEW := OLD;": false,
	} {
		t.Run(body, func(t *testing.T) {
			found := fixture{name: "schema.sql", text: fmt.Sprintf(schema, body), format: tenancy.Plain, model: fixtureModel()}.check(t)
			gap := slices.ContainsFunc(found.Findings, func(f finding.Finding) bool { return f.Rule == "policy-write-gap" })
			assert.Equal(t, stamps, !gap)
		})
	}
}
