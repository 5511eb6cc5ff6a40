-- model: superuser inferred=pattern
CREATE SCHEMA acme;
CREATE SCHEMA best;
CREATE SCHEMA core;
CREATE TABLE acme.orders (id int PRIMARY KEY, owner text, note text DEFAULT 'none', total numeric NOT NULL);
CREATE TABLE best.orders (id int PRIMARY KEY, owner text, note text DEFAULT 'none', total numeric NOT NULL);
CREATE TABLE core.orders (id int PRIMARY KEY, owner text, total numeric); -- want schema-drift "core lacks the column orders.note that 2 others have, and differs in 2 more points"
CREATE INDEX ON acme.orders (owner);
CREATE INDEX ON best.orders (owner);
CREATE TABLE acme.lines (id int, tenant text);
CREATE TABLE best.lines (id int, tenant text); -- want schema-drift "best has table lines with row-level security off where 2 others have row-level security on, and differs in one more point"
CREATE TABLE core.lines (id int, tenant text);
ALTER TABLE acme.lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON acme.lines FOR SELECT TO app_user USING (tenant = current_setting('app.tenant'));
CREATE POLICY own ON best.lines FOR SELECT TO app_user USING (true);
CREATE POLICY own ON core.lines FOR SELECT TO app_user USING (tenant = current_setting('app.tenant'));
