-- model: superuser
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, email text);
CREATE FUNCTION mail_domain(addr text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT LEAKPROOF COST 1 AS $$ -- want leakproof-function "function public.mail_domain\(text\) is LEAKPROOF"
BEGIN RETURN split_part(addr, '@', 2); END $$;
