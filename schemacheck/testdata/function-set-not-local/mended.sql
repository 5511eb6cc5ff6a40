CREATE OR REPLACE FUNCTION begin_request(t uuid) RETURNS void LANGUAGE sql AS $$ SELECT set_config('app.tenant_id', t::text, true) $$;
DROP FUNCTION begin_job;
