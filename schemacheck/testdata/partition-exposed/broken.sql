ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO app_user;
CREATE TABLE events (tenant_id uuid NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE events_2031 PARTITION OF events FOR VALUES FROM ('2031-01-01') TO ('2032-01-01'); -- want partition-exposed "public.events_2031 has no row-level security of its own"

CREATE TABLE documents (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON documents USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE contracts (case_no text) INHERITS (documents); -- want partition-exposed "who names it instead of public.documents"
