CREATE FUNCTION begin_request(t uuid) RETURNS void LANGUAGE sql AS $$ -- want function-set-not-local "function public.begin_request\(uuid\) sets app.tenant_id for the session"
    SELECT set_config('app.tenant_id', t::text, false)
$$;
CREATE FUNCTION begin_job(t uuid) RETURNS void LANGUAGE plpgsql AS $$ -- want function-set-not-local "function public.begin_job"
BEGIN
    PERFORM set_config('app.tenant_id', t::text, false);
END $$;
