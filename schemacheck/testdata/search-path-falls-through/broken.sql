-- model: superuser inferred=pattern
CREATE SCHEMA tenant_a;
CREATE SCHEMA tenant_b;
CREATE TABLE public.settings (key text PRIMARY KEY, value text); -- want search-path-falls-through "the schemas tenant_a, tenant_b have no table settings"
CREATE TABLE tenant_a.orders (id int PRIMARY KEY);
CREATE TABLE tenant_b.orders (id int PRIMARY KEY);
GRANT USAGE ON SCHEMA tenant_a, tenant_b TO app_user;
GRANT SELECT, INSERT ON public.settings, tenant_a.orders, tenant_b.orders TO app_user;
