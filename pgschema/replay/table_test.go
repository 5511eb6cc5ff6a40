package replay

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
)

// replayed applies one file and demands that nothing was skipped or undecided.
func replayed(t *testing.T, sql string) *pgschema.Schema {
	t.Helper()
	s := Replay([]File{{Name: "m.sql", Text: sql}}, Options{Owner: "owner"})
	require.Empty(t, s.Skipped)
	require.Empty(t, s.Undecided)
	return s
}

func TestCreateTable(t *testing.T) {
	s := replayed(t, `
CREATE TABLE org (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE "Invoice" (
  id bigserial,
  "orgId" uuid NOT NULL REFERENCES org ON DELETE CASCADE,
  total numeric(10,2) DEFAULT 0 CHECK (total >= 0),
  PRIMARY KEY ("orgId", id),
  UNIQUE (id)
);
CREATE INDEX ON "Invoice" (lower(total::text)) WHERE total > 0;
`)
	inv := s.Lookup("", "Invoice")
	require.NotNil(t, inv)
	assert.Equal(t, "owner", inv.Owner)
	assert.Equal(t, "bigint", inv.Columns[0].Type)
	assert.Equal(t, "m.sql:5:3", inv.Columns[1].Origin.String())
	assert.Equal(t, "numeric(10,2)", inv.Column("total").Type)
	assert.Equal(t, "0", inv.Column("total").Default.Text)
	var names []string
	for _, c := range inv.Constraints {
		names = append(names, c.Name)
	}
	assert.Equal(t, []string{"Invoice_total_check", "Invoice_pkey", "Invoice_id_key", "Invoice_orgId_fkey"}, names)
	require.Len(t, inv.Indexes, 3)
	assert.Equal(t, "Invoice_lower_idx", inv.Indexes[2].Name)
	assert.Equal(t, "lower(total::text)", inv.Indexes[2].Exprs[0].Text)
	assert.Equal(t, "total > 0", inv.Indexes[2].Where.Text)
	assert.NotNil(t, s.Lookup("", "Invoice_id_seq"))
}
