ALTER FUNCTION count_users SET search_path = public, pg_temp;
