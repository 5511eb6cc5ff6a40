CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

-- The parent's policies do not apply to a statement on the child.
CREATE TABLE order_lines (id uuid PRIMARY KEY, order_id uuid NOT NULL REFERENCES orders); -- want child-table-unpinned "public.order_lines has no row-level security, though public.orders, which its rows belong to, has"

-- The subquery does not tie the parent to the row.
CREATE TABLE order_notes (id uuid PRIMARY KEY, order_id uuid NOT NULL REFERENCES orders);
ALTER TABLE order_notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_notes USING (EXISTS (SELECT 1 FROM orders o -- want child-table-unpinned "policy tenant of public.order_notes lets role app_user see rows of other tenants: no condition ties the row to a row of public.orders"
    WHERE o.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));

-- Below a child.
CREATE TABLE note_files (id uuid PRIMARY KEY, note_id uuid NOT NULL REFERENCES order_notes);
ALTER TABLE note_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON note_files USING (true); -- want child-table-unpinned "policy everybody of public.note_files"
GRANT SELECT ON orders, order_lines, order_notes, note_files TO app_user;
