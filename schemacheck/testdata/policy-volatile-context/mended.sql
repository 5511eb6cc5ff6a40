ALTER FUNCTION current_tenant() STABLE;
ALTER FUNCTION outer_tenant() STABLE;
ALTER FUNCTION inner_tenant() STABLE;
