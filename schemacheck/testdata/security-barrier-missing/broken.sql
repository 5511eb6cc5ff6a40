CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, note text);
CREATE VIEW my_orders AS -- want security-barrier-missing "view public.my_orders hides rows of public.orders by its condition"
    SELECT id, note FROM orders WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
GRANT SELECT ON my_orders TO app_user;
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN nullif(current_setting('app.tenant_id', true), '')::uuid; END $$;
CREATE VIEW my_notes AS SELECT id, note FROM orders WHERE tenant_id = current_tenant(); -- want security-barrier-missing "view public.my_notes"
GRANT SELECT ON my_notes TO app_user;
