CREATE TABLE users (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    email     text NOT NULL UNIQUE, -- want unique-crosses-tenant "unique key users_email_key of public.users does not contain the tenant"
    nick      text NOT NULL
);
CREATE UNIQUE INDEX users_nick ON users (lower(nick)); -- want unique-crosses-tenant "unique key users_nick"
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE domains (tenant_id uuid NOT NULL, name text PRIMARY KEY); -- want unique-crosses-tenant "unique key domains_pkey"
ALTER TABLE domains ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domains USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON users, domains TO app_user;

CREATE TABLE bookings (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    during    tstzrange NOT NULL,
    EXCLUDE USING gist (during WITH &&) -- want unique-crosses-tenant "exclusion constraint bookings_during_excl of public.bookings does not contain the tenant"
);
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON bookings USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON bookings TO app_user;

CREATE TABLE notes (tenant_id uuid NOT NULL, slug text NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE notes_2030 PARTITION OF notes FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE UNIQUE INDEX notes_2030_slug ON notes_2030 (slug); -- want unique-crosses-tenant "unique key notes_2030_slug of public.notes_2030 does not contain the tenant"
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON notes TO app_user;
