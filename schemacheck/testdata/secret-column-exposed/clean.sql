-- Column grants leave the secret out; the second role reads it.
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    email         text NOT NULL,
    password_hash text NOT NULL
);
GRANT SELECT (id, tenant_id, email), INSERT ON users TO app_user;

-- Nothing in it lets anybody in.
CREATE TABLE usage (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, token_count bigint, public_key text, key text, secret_id uuid, has_password text, encrypted_api_key text);
GRANT SELECT ON usage TO app_user;

-- Not granted.
CREATE TABLE api_keys (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, secret text NOT NULL);
