-- model: superuser
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, email text);
CREATE FUNCTION mail_domain(addr text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN split_part(addr, '@', 2); END $$;
CREATE FUNCTION trusted(addr text) RETURNS text LANGUAGE sql IMMUTABLE LEAKPROOF AS $$ SELECT addr $$;
REVOKE EXECUTE ON FUNCTION trusted FROM PUBLIC;
