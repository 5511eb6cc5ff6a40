-- model: superuser inferred=pattern
CREATE SCHEMA acme;
CREATE SCHEMA best;
CREATE ROLE acme_app;
CREATE ROLE best_app;
CREATE TABLE acme.people (id bigserial PRIMARY KEY, name text);
CREATE TABLE best.people (name text, dropped int, id bigserial PRIMARY KEY); -- in another order
ALTER TABLE best.people DROP COLUMN dropped;
CREATE TABLE acme.orders (id int PRIMARY KEY, person bigint REFERENCES acme.people);
CREATE TABLE best.orders (id int PRIMARY KEY, person bigint REFERENCES best.people);
CREATE INDEX acme_person ON acme.orders (person);
CREATE INDEX best_person ON best.orders (person);
CREATE VIEW acme.names AS SELECT name FROM acme.people;
CREATE VIEW best.names AS SELECT name FROM best.people;
GRANT SELECT ON acme.orders TO acme_app;
GRANT SELECT ON best.orders TO best_app;
-- Another schema with a table of the same name is none of a tenant.
CREATE SCHEMA reporting;
CREATE TABLE reporting.daily (day date);
CREATE TABLE reporting.monthly (month date);
CREATE TABLE reporting.orders (total int);
