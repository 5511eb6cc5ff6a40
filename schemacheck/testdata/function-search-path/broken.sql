CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE FUNCTION count_users(since date) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM users $$; -- want function-search-path "function public.count_users\(date\) runs with the rights of its owner app_owner"
