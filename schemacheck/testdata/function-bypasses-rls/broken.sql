CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE PROCEDURE purge(keep int) LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp -- want function-bypasses-rls "function public.purge\(integer\) deletes from public.invoices with the rights of its owner app_owner"
AS $$ DELETE FROM invoices WHERE length(memo) > keep $$;

CREATE FUNCTION memo_of(owner uuid) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ -- want function-bypasses-rls "for the tenant that the caller names by owner"
BEGIN
    RETURN QUERY SELECT i.memo FROM invoices i WHERE i.tenant_id = owner;
END $$;

CREATE FUNCTION touch_all() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ -- want function-bypasses-rls "function public.touch_all\(\) changes public.invoices"
BEGIN
    UPDATE invoices SET memo = memo;
    RETURN NEW;
END $$;
CREATE TRIGGER touch_all AFTER INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION touch_all();

CREATE FUNCTION search(conditions text) RETURNS SETOF invoices LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ -- want function-bypasses-rls "puts its argument conditions into SQL that runs with the rights of its owner"
BEGIN
    RETURN QUERY EXECUTE 'SELECT * FROM invoices WHERE ' || conditions;
END $$;

CREATE FUNCTION by_memo(wanted text) RETURNS SETOF invoices LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ -- want function-bypasses-rls "function public.by_memo\(text\) reads public.invoices"
BEGIN
    RETURN QUERY EXECUTE format('SELECT * FROM %I WHERE memo = $1', 'invoices') USING wanted;
END $$;
