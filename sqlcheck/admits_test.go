package sqlcheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

const policySchema = `
CREATE TABLE tenant (id uuid PRIMARY KEY, db_role name);
CREATE TABLE doc (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, status text, author text);
CREATE TABLE upload (id uuid PRIMARY KEY, tenant_id uuid, name text);
CREATE TABLE label (id uuid PRIMARY KEY, tenant_id text NOT NULL);
CREATE TABLE part (id uuid PRIMARY KEY, doc_id uuid NOT NULL REFERENCES doc);
CREATE TABLE member (user_id uuid NOT NULL, tenant_id uuid NOT NULL, email text, kind text, known_as name, PRIMARY KEY (user_id, tenant_id));
CREATE TABLE team (user_id uuid NOT NULL, team_id uuid NOT NULL);
CREATE TABLE login (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE TABLE walled (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE walled ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON walled USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE TABLE brick (id uuid PRIMARY KEY, walled_id uuid NOT NULL REFERENCES walled);
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION my_tenants() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
  AS $$ SELECT m.tenant_id FROM member m WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid $$;
CREATE FUNCTION last_login() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT l.tenant_id FROM login l ORDER BY l.id DESC LIMIT 1 $$;
`

func TestAdmits(t *testing.T) {
	const setting = "current_setting('app.tenant_id', true)::uuid"
	cases := []struct {
		table, expr string
		want        Verdict
		unset       bool
	}{
		{"doc", "tenant_id = current_setting('app.tenant_id')::uuid", Pinned, false},
		{"doc", "tenant_id = nullif(" + "current_setting('app.tenant_id', true), '')::uuid", Pinned, false},
		{"doc", "tenant_id = (SELECT " + setting + ")", Pinned, false},
		{"doc", "tenant_id::text = current_setting('app.tenant_id', true)", Pinned, false},
		{"doc", "tenant_id = current_tenant()", Pinned, false},
		{"doc", "tenant_id = (SELECT current_tenant())", Pinned, false},
		{"doc", "tenant_id = ANY (string_to_array(current_setting('app.tenants', true), ',')::uuid[])", Pinned, false},
		{"doc", "(status = 'published' OR status = 'draft') AND tenant_id = " + setting, Pinned, false},
		{"doc", "CASE WHEN coalesce(current_setting('app.tenant_id', true), '') = '' THEN false ELSE tenant_id = " + setting + " END", Pinned, false},
		{"doc", "ARRAY[" + setting + "] @> ARRAY[tenant_id]", Pinned, false},
		{"doc", "ARRAY[tenant_id]::text[] && string_to_array(current_setting('app.tenant_id', true), ',')", Pinned, false},
		{"doc", "tenant_id BETWEEN " + setting + " AND " + setting, Pinned, false},
		{"doc", "tenant_id BETWEEN " + setting + " AND current_setting('app.last', true)::uuid", Unpinned, false},
		{"doc", "(tenant_id = " + setting + ") IS NOT DISTINCT FROM true", Pinned, false},
		{"doc", "(tenant_id = " + setting + ") IS DISTINCT FROM false", Unpinned, false},
		{"doc", "nullif(tenant_id, " + setting + ") IS NULL", Pinned, false},
		{"doc", "NOT (tenant_id <> ANY (ARRAY[" + setting + "]))", Pinned, false},
		{"doc", "NOT EXISTS (SELECT WHERE tenant_id IS DISTINCT FROM " + setting + ")", Pinned, false},
		{"doc", "NOT EXISTS (SELECT WHERE tenant_id <> " + setting + ")", Unpinned, false},
		{"doc", "(WITH c AS (SELECT " + setting + " AS t) SELECT c.t = tenant_id FROM c)", Pinned, false},
		{"doc", "md5(tenant_id::text) = md5(current_setting('app.tenant_id', true))", Pinned, false},
		{"label", "lower(tenant_id) = lower(current_setting('app.tenant_id', true))", Undecided, false},
		{"doc", "tenant_id OPERATOR(pg_catalog.=) " + setting, Pinned, false},
		{"doc", "tenant_id OPERATOR(public.=) " + setting, Undecided, false},
		{"doc", "starts_with(tenant_id::text, current_setting('app.tenant_id', true))", Unpinned, false},
		{"doc", "false", Pinned, false},
		{"label", "tenant_id = current_setting('app.tenant_id', true)", Pinned, false},

		{"doc", "true", Unpinned, false},
		{"doc", "tenant_id IS NOT NULL", Unpinned, false},
		{"doc", "tenant_id = tenant_id", Unpinned, false},
		{"doc", "tenant_id::text LIKE current_setting('app.tenant_id') || '%'", Unpinned, false},
		{"doc", "tenant_id = " + setting + " OR true", Unpinned, false},
		{"doc", "status = 'published' OR status = 'draft' AND tenant_id = " + setting, Unpinned, false},
		{"doc", "tenant_id = '00000000-0000-0000-0000-00000000000a'", Unpinned, false},
		{"doc", "author = current_user", Unpinned, false},

		{"doc", "current_setting('app.tenant_id', true) IS NULL OR tenant_id = " + setting, Unpinned, true},
		{"label", "current_setting('app.tenant_id', true) = '' OR tenant_id = current_setting('app.tenant_id', true)", Unpinned, true},
		{"doc", "tenant_id = COALESCE(NULLIF(current_setting('app.tenant_id', true), ''), tenant_id::text)::uuid", Unpinned, true},
		{"doc", "CASE WHEN coalesce(current_setting('app.tenant_id', true), '') = '' THEN true ELSE tenant_id = " + setting + " END", Unpinned, true},
		{"upload", "tenant_id IS NOT DISTINCT FROM NULLIF(current_setting('app.tenant_id', true), '')::uuid", Unpinned, true},

		{"doc", "EXISTS (SELECT 1 FROM member m WHERE m.tenant_id = doc.tenant_id AND m.user_id = current_setting('app.user_id')::uuid)", Pinned, false},
		{"doc", "EXISTS (SELECT 1 FROM member m WHERE m.tenant_id = tenant_id AND m.user_id = current_setting('app.user_id')::uuid)", Unpinned, false},
		{"doc", "EXISTS (SELECT 1 FROM member m WHERE m.tenant_id = doc.tenant_id)", Unpinned, false},
		{"doc", "tenant_id IN (SELECT tenant_id FROM member WHERE user_id = current_setting('app.user_id')::uuid)", Pinned, false},
		{"doc", "tenant_id IN (SELECT tenant_id FROM member WHERE email = current_setting('app.email'))", Pinned, false},
		{"doc", "tenant_id IN (SELECT tenant_id FROM member WHERE kind = current_setting('app.kind'))", Unpinned, false},
		{"doc", "tenant_id IN (SELECT tenant_id FROM member WHERE known_as = current_user)", Undecided, false},
		{"doc", "tenant_id = (SELECT id FROM tenant WHERE db_role = current_user)", Pinned, false},
		{"doc", "tenant_id IN (SELECT tenant_id FROM team WHERE user_id = current_setting('app.user_id')::uuid)", Unpinned, false},
		{"doc", "tenant_id IN (SELECT my_tenants())", Pinned, false},
		{"doc", "tenant_id = last_login()", Unpinned, false},

		{"part", "EXISTS (SELECT 1 FROM doc WHERE doc.id = part.doc_id AND doc.tenant_id = " + setting + ")", Pinned, false},
		{"part", "doc_id IN (SELECT id FROM doc WHERE tenant_id = " + setting + ")", Pinned, false},
		{"part", "EXISTS (SELECT 1 FROM doc WHERE doc.tenant_id = " + setting + ")", Unpinned, false},
		{"part", "EXISTS (SELECT 1 FROM doc WHERE doc.id = part.doc_id)", Unpinned, false},
		{"brick", "EXISTS (SELECT 1 FROM walled WHERE walled.id = brick.walled_id)", Pinned, false},
	}
	db := databaseOf(policySchema, testModel())
	for _, c := range cases {
		t.Run(c.table+": "+c.expr, func(t *testing.T) {
			node, err := pgast.ParseExpr(c.expr)
			require.NoError(t, err)
			got := Admits(db, db.Schema.Lookup("", c.table), &pgschema.Expr{Text: c.expr, Node: node})
			assert.Equal(t, c.want, got.Verdict, got.Reason)
			assert.Equal(t, c.unset, got.Unset, got.Reason)
			assert.NotEmpty(t, got.Reason)
		})
	}
}

func TestAdmitsSaysWhy(t *testing.T) {
	db := databaseOf(policySchema, testModel())
	for expr, want := range map[string]string{
		"tenant_id = current_setting('app.tenant_id')::uuid": "the tenant equals current_setting('app.tenant_id')",
		"true": "no condition equates tenant_id with the session's tenant",
		"status = 'x' OR tenant_id = current_setting('app.tenant_id')::uuid":                                   "rows of other tenants pass where status = 'x'",
		"current_setting('app.tenant_id', true) IS NULL OR tenant_id = current_setting('app.tenant_id')::uuid": "no condition equates tenant_id with the session's tenant while no tenant is set on a fresh connection, where the setting is NULL",
	} {
		node, err := pgast.ParseExpr(expr)
		require.NoError(t, err)
		assert.Equal(t, want, Admits(db, db.Schema.Lookup("", "doc"), &pgschema.Expr{Text: expr, Node: node}).Reason)
	}
}
