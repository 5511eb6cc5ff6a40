CREATE TABLE users (
    id        uuid PRIMARY KEY,
    number    bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant_id uuid NOT NULL,
    email     text NOT NULL,
    api_token text UNIQUE,
    UNIQUE (tenant_id, email)
);
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE profiles (tenant_id uuid NOT NULL, id int PRIMARY KEY, user_id uuid NOT NULL UNIQUE REFERENCES users, nick text);
CREATE UNIQUE INDEX ON profiles (user_id, lower(nick));
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON profiles USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON users, profiles TO app_user;

CREATE TABLE domains (tenant_id uuid NOT NULL, name text PRIMARY KEY);
ALTER TABLE domains ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domains USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON domains TO app_user;

CREATE TABLE notes (tenant_id uuid NOT NULL, slug text NOT NULL, at date NOT NULL, UNIQUE (tenant_id, slug, at)) PARTITION BY RANGE (at);
CREATE TABLE notes_2030 PARTITION OF notes FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON notes TO app_user;
