ALTER TABLE core.orders ADD COLUMN note text DEFAULT 'none';
ALTER TABLE core.orders ALTER COLUMN total SET NOT NULL;
CREATE INDEX ON core.orders (owner);
ALTER TABLE best.lines ENABLE ROW LEVEL SECURITY;
ALTER POLICY own ON best.lines USING (tenant = current_setting('app.tenant'));
