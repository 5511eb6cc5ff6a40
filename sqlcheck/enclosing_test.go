package sqlcheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Projects of organizations: a row is confined by its project or by its organization.
func TestEnclosingTenant(t *testing.T) {
	const schema = `
CREATE TABLE organizations (id uuid PRIMARY KEY);
CREATE TABLE projects (id uuid PRIMARY KEY, org_id uuid NOT NULL REFERENCES organizations);
CREATE TABLE deployments (id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects, org_id uuid NOT NULL);
CREATE TABLE domains (id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects);
CREATE TABLE tokens (id uuid PRIMARY KEY, org_id uuid NOT NULL, project_id uuid);
`
	db := &sqlcheck.Database{
		Schema: replay.Replay([]replay.File{{Name: "schema.sql", Text: schema}}, replay.Options{}),
		Model:  &tenancy.Model{Columns: []string{"project_id", "org_id"}, Registry: "projects"},
	}
	db.Classes = classify.Of(db.Schema, db.Model)
	for sql, want := range map[string]string{
		"SELECT * FROM deployments d WHERE ($1::uuid IS NULL OR d.org_id = $1)":                                             "the predicate on d.org_id does not hold where $1::uuid IS NULL: the statement then reads rows of every tenant in public.deployments (d)",
		"SELECT * FROM projects p WHERE p.org_id = $1 OR $1 IS NULL":                                                        "the predicate on p.org_id does not hold where $1 IS NULL: the statement then reads rows of every tenant in public.projects (p)",
		"SELECT * FROM deployments d WHERE ($1::uuid IS NULL OR d.org_id = $1) AND ($2::uuid IS NULL OR d.project_id = $2)": "the predicates on d.org_id and d.project_id do not hold where $1::uuid IS NULL and $2::uuid IS NULL: the statement then reads rows of every tenant in public.deployments (d)",
		"SELECT * FROM deployments d WHERE (d.id > $3 OR d.org_id = $1) AND ($2 = '' OR d.project_id::text = $2)":           "the predicates on d.project_id and d.org_id do not hold where $2 = '' and d.id > $3: the statement then reads rows of every tenant in public.deployments (d)",
	} {
		statements, errs := pgast.Parse(pgast.NewSource("query.sql", sql))
		require.Empty(t, errs, sql)
		found := sqlcheck.Check(db, statements[0]).Findings
		require.Len(t, found, 1, sql)
		assert.Equal(t, want, found[0].Message, sql)
	}
	for sql, want := range map[string][]sqlcheck.Verdict{
		"SELECT * FROM deployments WHERE project_id = $1":                                             {sqlcheck.Pinned},
		"SELECT * FROM deployments WHERE org_id = $1":                                                 {sqlcheck.Pinned},
		"SELECT * FROM tokens WHERE project_id = $1":                                                  {sqlcheck.Pinned},
		"SELECT * FROM tokens WHERE org_id IS NULL":                                                   {sqlcheck.Pinned},
		"SELECT * FROM projects WHERE org_id = $1":                                                    {sqlcheck.Pinned},
		"SELECT * FROM projects":                                                                      {sqlcheck.Unpinned},
		"SELECT * FROM deployments WHERE org_id <> $1":                                                {sqlcheck.Unpinned},
		"SELECT * FROM domains d JOIN projects p ON p.id = d.project_id WHERE p.org_id = $1":          {sqlcheck.Pinned, sqlcheck.Pinned},
		"SELECT * FROM domains d JOIN projects p ON p.id <> d.project_id WHERE p.org_id = $1":         {sqlcheck.Unpinned, sqlcheck.Pinned},
		"SELECT * FROM deployments d JOIN organizations o ON o.id = d.org_id WHERE d.project_id = $1": {sqlcheck.Pinned, sqlcheck.Pinned},
		"INSERT INTO tokens (id, org_id) VALUES ($1, $2)":                                             {sqlcheck.Pinned},
	} {
		statements, errs := pgast.Parse(pgast.NewSource("query.sql", sql))
		require.Empty(t, errs, sql)
		var got []sqlcheck.Verdict
		for _, r := range sqlcheck.Analyze(db, statements[0]).References {
			got = append(got, r.Verdict)
		}
		assert.Equal(t, want, got, sql)
	}
}
