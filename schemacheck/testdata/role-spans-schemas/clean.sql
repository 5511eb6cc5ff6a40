-- model: superuser pattern=schema-per-tenant columns= app= settings=
CREATE ROLE acme_app LOGIN;
CREATE ROLE best_app LOGIN;
CREATE ROLE pool LOGIN NOINHERIT;
CREATE ROLE migrator;
CREATE SCHEMA acme;
CREATE SCHEMA best;
CREATE TABLE acme.orders (id int PRIMARY KEY);
CREATE TABLE best.orders (id int PRIMARY KEY);
ALTER TABLE acme.orders OWNER TO migrator;
ALTER TABLE best.orders OWNER TO migrator;
GRANT USAGE ON SCHEMA acme TO acme_app, migrator;
GRANT USAGE ON SCHEMA best TO best_app, migrator;
GRANT SELECT, INSERT ON acme.orders TO acme_app;
GRANT SELECT, INSERT ON best.orders TO best_app;
-- It becomes one of them for each transaction.
GRANT acme_app, best_app TO pool;
