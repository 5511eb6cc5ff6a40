CREATE TYPE state AS ENUM ('open', 'paid');
CREATE TABLE invoices (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, state state NOT NULL, label text NOT NULL, cents bigint NOT NULL, at timestamptz, span tstzrange,
	UNIQUE (tenant_id, state, label), EXCLUDE USING gist (span WITH &&)
);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON invoices TO app_user;
CREATE INDEX ON invoices (tenant_id, label);
CREATE INDEX ON invoices (tenant_id, cents);
CREATE INDEX ON invoices (tenant_id, at) WHERE state = 'open';
CREATE INDEX ON invoices USING brin (at);

-- No policy binds these readers.
CREATE TABLE reports (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, doc jsonb);
GRANT SELECT ON reports TO app_user;
CREATE INDEX ON reports USING gin (doc);
CREATE TABLE unread (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, doc jsonb);
ALTER TABLE unread ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON unread USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT INSERT ON unread TO app_user;
CREATE INDEX ON unread USING gin (doc);
