ALTER TABLE order_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_lines USING (order_id IN (SELECT id FROM orders));
ALTER POLICY tenant ON order_notes USING (order_id IN (SELECT id FROM orders));
ALTER POLICY everybody ON note_files USING (note_id IN (SELECT id FROM order_notes));
