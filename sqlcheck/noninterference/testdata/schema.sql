-- The schema of the random statements. All ids are small numbers, so that a wrong join finds rows.
CREATE TABLE tenant (id int PRIMARY KEY, name text NOT NULL, score int);
CREATE TABLE customer (
  id int PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenant, name text NOT NULL, parent_id int REFERENCES customer,
  score int, active boolean NOT NULL DEFAULT true,
  code int UNIQUE, UNIQUE (tenant_id, id)
);
-- A key that is unique in one tenant only, and a reference that may be missing.
CREATE TABLE invoice (
  tenant_id int NOT NULL REFERENCES tenant, number int NOT NULL, customer_id int, name text, score int,
  PRIMARY KEY (tenant_id, number), FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id) ON DELETE CASCADE
);
-- A reference that carries the tenant.
CREATE TABLE payment (
  id int PRIMARY KEY, tenant_id int NOT NULL, customer_id int NOT NULL, score int,
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id) ON DELETE CASCADE
);
-- A child without tenant column, and its child.
CREATE TABLE contact (
  id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer ON DELETE CASCADE, number int NOT NULL, name text, UNIQUE (customer_id, number)
);
CREATE TABLE call (id int PRIMARY KEY, contact_id int NOT NULL REFERENCES contact ON DELETE CASCADE, score int, active boolean);
-- Rows without a tenant are everybody's.
CREATE TABLE template (id int PRIMARY KEY, tenant_id int REFERENCES tenant, name text, score int);
CREATE TABLE event (tenant_id int NOT NULL, number int NOT NULL, name text, score int, PRIMARY KEY (tenant_id, number)) PARTITION BY LIST (tenant_id);
CREATE TABLE event_1 PARTITION OF event FOR VALUES IN (1, 2);
CREATE TABLE event_rest PARTITION OF event DEFAULT;
CREATE TABLE country (id int PRIMARY KEY, name text, score int);

CREATE VIEW rich AS SELECT id, tenant_id, name, score FROM customer WHERE score > 1;
CREATE VIEW total AS SELECT tenant_id, name, count(*)::int AS number, sum(score)::int AS score FROM invoice GROUP BY tenant_id, name;
CREATE VIEW first AS SELECT tenant_id, number, name, score FROM event ORDER BY number DESC, score, name, tenant_id DESC LIMIT 1;
CREATE VIEW mine AS SELECT id, tenant_id, name, score FROM customer WHERE tenant_id = current_setting('app.tenant_id')::int;
CREATE VIEW everything AS SELECT tenant_id, number, name FROM invoice UNION ALL SELECT tenant_id, number, name FROM event;

CREATE FUNCTION customers_of(t int) RETURNS SETOF customer LANGUAGE sql STABLE AS $$ SELECT * FROM customer WHERE tenant_id = t $$;
CREATE FUNCTION customers() RETURNS SETOF customer LANGUAGE sql STABLE AS $$ SELECT * FROM customer $$;
CREATE FUNCTION same(a int, b int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a = b $$;
CREATE FUNCTION best(t int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT max(score) FROM invoice WHERE tenant_id = t $$;
CREATE FUNCTION newest() RETURNS customer LANGUAGE sql STABLE AS $$ SELECT * FROM customer ORDER BY id DESC $$;
