CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT count(*) FROM users $$;
CREATE FUNCTION as_caller() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM users $$;
CREATE FUNCTION bound() RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM users; END;
