ALTER FUNCTION current_tenant() STABLE;
