CREATE TABLE users (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    email         text NOT NULL,
    password_hash text NOT NULL, -- want secret-column-exposed "role app_user reads password_hash and totp_secret of public.users with every other column"
    totp_secret   text
);
CREATE TABLE integrations (
    tenant_id        uuid NOT NULL,
    id               uuid PRIMARY KEY,
    "apiKey"         varchar(80), -- want secret-column-exposed "reads apiKey, refresh_token, credentials and token of public.integrations"
    refresh_token    bytea,
    credentials      jsonb,
    token            text,
    token_count      bigint,
    public_key       text,
    secret_id        uuid,
    api_key_id       uuid,
    token_hash       text,
    token_expires_at timestamptz,
    is_secret        boolean,
    key              text,
    encrypted_secret bytea,
    search_token     tsvector,
    lease_token      uuid
);
GRANT SELECT ON users, integrations TO app_user;
