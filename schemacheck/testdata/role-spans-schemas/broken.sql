-- model: superuser pattern=schema-per-tenant columns= app= settings=
CREATE ROLE acme_app LOGIN;
CREATE ROLE best_app LOGIN;
CREATE ROLE core_app LOGIN;
CREATE ROLE pool LOGIN;
CREATE SCHEMA tenant_acme;
CREATE SCHEMA tenant_best;
CREATE SCHEMA tenant_core;
CREATE TABLE tenant_acme.orders (id int PRIMARY KEY);
CREATE TABLE tenant_best.orders (id int PRIMARY KEY);
CREATE TABLE tenant_core.orders (id int PRIMARY KEY);
GRANT USAGE ON SCHEMA tenant_acme TO acme_app;
GRANT USAGE ON SCHEMA tenant_best TO best_app;
GRANT USAGE ON SCHEMA tenant_core TO core_app;
GRANT SELECT, INSERT ON tenant_acme.orders TO acme_app;
GRANT SELECT, INSERT ON tenant_best.orders TO best_app;
GRANT SELECT, INSERT ON tenant_core.orders TO core_app;

GRANT acme_app TO pool;
GRANT best_app TO pool;
GRANT core_app TO pool; -- want role-spans-schemas "role pool reaches the schemas of 3 tenants, though 2 other roles reach one each"
GRANT USAGE ON SCHEMA tenant_best TO acme_app; -- want role-spans-schemas "role acme_app of the tenant's schema tenant_acme reaches the rows of tenant_best too"
GRANT SELECT ON ALL TABLES IN SCHEMA tenant_best TO acme_app;
