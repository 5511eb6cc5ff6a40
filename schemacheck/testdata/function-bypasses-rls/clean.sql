CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE FUNCTION count_own() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT count(*) FROM invoices WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;

CREATE FUNCTION purge(keep int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    DELETE FROM invoices WHERE tenant_id = own AND length(memo) > keep;
END $$;

CREATE FUNCTION as_caller() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM invoices $$;

CREATE FUNCTION internal() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT count(*) FROM invoices $$;
REVOKE EXECUTE ON FUNCTION internal FROM PUBLIC;

-- Looked up by what the session is.
CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL);
CREATE FUNCTION my_tenants() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT m.tenant_id FROM memberships m WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid $$;

-- Works on the tenant of the row that fires it.
CREATE TABLE counters (tenant_id uuid PRIMARY KEY, n bigint NOT NULL);
CREATE FUNCTION count_invoice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE counters SET n = n + 1 WHERE tenant_id = NEW.tenant_id;
    RETURN NEW;
END $$;
CREATE TRIGGER count_invoice AFTER INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION count_invoice();

CREATE FUNCTION own_by_memo(wanted text) RETURNS SETOF invoices LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT * FROM invoices WHERE memo = %L AND tenant_id = $1', wanted)
        USING nullif(current_setting('app.tenant_id', true), '')::uuid;
END $$;

-- Leaves unless the argument is the session's tenant, NULL included.
CREATE FUNCTION memos_of(t uuid) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF t IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'not your tenant' USING errcode = '42501';
    END IF;
    RETURN QUERY SELECT memo FROM invoices WHERE tenant_id = t;
END $$;
