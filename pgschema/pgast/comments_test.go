package pgast_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func TestComments(t *testing.T) {
	const text = `-- tenantvet:ignore a reason
CREATE TABLE x (
	id int, --tenantvet:ignore b reason
	-- tenantvet:ignore c reason
	name text DEFAULT '-- tenantvet:ignore not this one'
);
/* -- tenantvet:ignore nor this */ -- prose about tenantvet:ignore
SELECT 1; -- tenantvet:ignore d reason
-- tenantvet:ignore e reason
-- name: Block :one
SELECT $$ -- tenantvet:ignore nor this $$,
	2;
-- tenantvet:ignore f reason`
	var got []finding.Lines
	var verbs []string
	for _, c := range pgast.Comments(pgast.NewSource("x.sql", text)) {
		got = append(got, c.Covers)
		verbs = append(verbs, c.Text)
	}
	assert.Equal(t, []string{
		" tenantvet:ignore a reason", "tenantvet:ignore b reason", " tenantvet:ignore c reason",
		" tenantvet:ignore d reason", " tenantvet:ignore e reason", " tenantvet:ignore f reason",
	}, verbs)
	assert.Equal(t, []finding.Lines{{From: 2, To: 6}, {From: 3, To: 3}, {From: 5, To: 5}, {From: 8, To: 8}, {From: 11, To: 12}, {}}, got)
}
