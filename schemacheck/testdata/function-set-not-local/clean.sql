CREATE FUNCTION begin_request(t uuid) RETURNS void LANGUAGE sql AS $$ SELECT set_config('app.tenant_id', t::text, true) $$;
CREATE FUNCTION slow() RETURNS void LANGUAGE sql AS $$ SELECT set_config('statement_timeout', '10min', false) $$;
CREATE FUNCTION end_request() RETURNS void LANGUAGE sql AS $$ SELECT set_config('app.tenant_id', '', false) $$;
