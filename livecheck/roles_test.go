package livecheck_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
)

// twoRoles are a table with a policy for one role of the service alone, and one that binds both.
const twoRoles = `
CREATE TABLE orders (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE jobs (LIKE orders INCLUDING ALL);
INSERT INTO orders VALUES ('00000000-0000-4000-8000-00000000000a', 1), ('00000000-0000-4000-8000-00000000000b', 2);
INSERT INTO jobs SELECT * FROM orders;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY tenant ON jobs USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`

// Policies may bind one role of the service and not another: each statement is planned as the role that
// executed it, and each is probed as.
func TestSeveralRolesOfTheService(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := newAudited(t, s, twoRoles)
		worker, stranger := d.Role(t, "LOGIN"), d.Role(t, "LOGIN")
		d.Exec(t, fmt.Sprintf(`GRANT ALL ON ALL TABLES IN SCHEMA public TO %[1]s, %[3]s; GRANT %[1]s TO %[2]s; ALTER ROLE %[2]s BYPASSRLS;
			GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[2]s; CREATE POLICY worker ON jobs TO %[1]s USING (true)`, worker, d.auditor, stranger))
		d.model.Roles.App = append(d.model.Roles.App, worker, stranger)
		for _, role := range d.model.Roles.App {
			require.NoError(t, d.ExecAs(role, "SELECT id FROM jobs"))
			require.NoError(t, d.ExecAs(role, "SELECT id FROM orders"))
		}
		audit, err := d.run(t, d.auditor)
		require.NoError(t, err)

		scopes := map[string]livecheck.Scope{}
		for _, st := range audit.Statements {
			if strings.HasPrefix(st.Text, "SELECT id") {
				scopes[st.Role+st.Text[len("SELECT id FROM"):]] = st.Scope
			}
		}
		assert.Equal(t, map[string]livecheck.Scope{
			d.app + " jobs": livecheck.OneTenant, d.app + " orders": livecheck.OneTenant, worker + " jobs": livecheck.EveryTenant, worker + " orders": livecheck.OneTenant,
			stranger + " jobs": livecheck.UndecidedScope, stranger + " orders": livecheck.UndecidedScope,
		}, scopes)
		assert.Contains(t, reasons(audit.Result.Skipped), fmt.Sprintf(`plans and probes as role %s: role %s may not take it on: GRANT "%[1]s" TO "%s";`, stranger, d.auditor, d.auditor))

		verdicts := map[string]string{}
		for _, p := range audit.Probes {
			if p.State == "tenant set" && p.Command == "select" {
				verdicts[p.Role+" "+p.Relation] = p.Verdict
			}
		}
		assert.Equal(t, map[string]string{
			d.app + " public.jobs": livecheck.Proved, d.app + " public.orders": livecheck.Proved, worker + " public.jobs": livecheck.Refuted, worker + " public.orders": livecheck.Proved,
		}, verdicts)
		found := ofRule(audit.Result.Findings, "probe-refutes-isolation")
		require.Len(t, found, 1)
		assert.Contains(t, found[0].Message, "role "+worker+", tried on the database, reaches rows of other tenants in public.jobs by select, delete, update")
	})
}

// More roles than an audit takes on are named.
func TestManyRolesOfTheService(t *testing.T) {
	d := newAudited(t, pgtest.Start(t, 15), twoRoles)
	for range 5 {
		role := d.Role(t, "LOGIN")
		d.model.Roles.App = append(d.model.Roles.App, role)
		d.Exec(t, fmt.Sprintf("GRANT %s TO %s", role, d.auditor))
	}
	last := d.model.Roles.App[5]
	d.Exec(t, "GRANT SELECT ON jobs TO "+last+", "+d.app)
	require.NoError(t, d.ExecAs(last, "SELECT id FROM jobs"))
	conn, err := livecheck.Connect(t.Context(), d.DSN(d.auditor))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var progress []livecheck.Step
	audit, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: d.model, Progress: func(s livecheck.Step) { progress = append(progress, s) }})
	require.NoError(t, err)
	assert.Contains(t, reasons(audit.Result.Skipped), fmt.Sprintf("plans and probes as role %s: an audit takes on no more than 4 roles", strings.Join(d.model.Roles.App[4:], ", ")))
	assert.Equal(t, livecheck.Step{Database: audit.Database, What: "probes", Done: 8, Total: 8}, progress[len(progress)-1], "two tables as four roles")
	assert.Equal(t, map[string]livecheck.Scope{"SELECT id FROM jobs": livecheck.OneTenant}, judgedOn(audit, "jobs"), "planned as the first")
}

// Of a role that is refused no statement is planned, however many there are; none is too many by that.
func TestRefusedRolesOfTheService(t *testing.T) {
	d := newAudited(t, pgtest.Start(t, 15), twoRoles)
	for i := range 4 {
		role := d.Role(t, "LOGIN")
		d.model.Roles.App = append(d.model.Roles.App, role)
		d.Exec(t, fmt.Sprintf("GRANT SELECT ON jobs TO %s", role))
		if i < 2 {
			d.Exec(t, fmt.Sprintf("GRANT %s TO %s", role, d.auditor))
		}
		require.NoError(t, d.ExecAs(role, "SELECT id FROM jobs"))
	}
	refused := d.model.Roles.App[3:]
	audit, err := d.run(t, d.auditor)
	require.NoError(t, err)
	scopes := map[string]livecheck.Scope{}
	for _, st := range audit.Statements {
		scopes[st.Role] = st.Scope
	}
	assert.Equal(t, map[string]livecheck.Scope{
		d.model.Roles.App[1]: livecheck.OneTenant, d.model.Roles.App[2]: livecheck.OneTenant, refused[0]: livecheck.UndecidedScope, refused[1]: livecheck.UndecidedScope,
	}, scopes)
	skipped := reasons(audit.Result.Skipped)
	for _, role := range refused {
		assert.Contains(t, skipped, "plans and probes as role "+role+": role "+d.auditor+" may not take it on")
	}
	assert.NotContains(t, skipped, "no more than 4 roles")
}
