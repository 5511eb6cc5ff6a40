package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// The partition of a tenant stays as long as a row of an undivided table refers to it.
func TestReferredPartitionCannotBeDetached(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, `
CREATE TABLE orders (tenant_id int, id int, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (tenant_id);
CREATE TABLE orders_1 PARTITION OF orders FOR VALUES IN (1);
CREATE TABLE lines (tenant_id int, order_id int, FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id));
INSERT INTO orders VALUES (1, 1);
INSERT INTO lines VALUES (1, 1);`)
		conn := db.Connect(t, pgtest.Superuser)
		_, err := conn.Exec(t.Context(), "ALTER TABLE orders DETACH PARTITION orders_1")
		require.ErrorContains(t, err, "violates foreign key constraint")
		_, err = conn.Exec(t.Context(), "DELETE FROM lines; ALTER TABLE orders DETACH PARTITION orders_1")
		require.NoError(t, err)
	})
}
