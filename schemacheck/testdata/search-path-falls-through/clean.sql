-- model: superuser inferred=pattern
CREATE SCHEMA tenant_a;
CREATE SCHEMA tenant_b;
CREATE TABLE public.plans (code text PRIMARY KEY);
CREATE TABLE tenant_a.orders (id int PRIMARY KEY);
CREATE TABLE tenant_b.orders (id int PRIMARY KEY);
GRANT USAGE ON SCHEMA tenant_a, tenant_b TO app_user;
GRANT SELECT ON public.plans TO app_user;
GRANT SELECT, INSERT ON tenant_a.orders, tenant_b.orders TO app_user;
