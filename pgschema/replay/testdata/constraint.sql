CREATE TABLE org (id int PRIMARY KEY, region text, UNIQUE (region, id), CONSTRAINT org_region UNIQUE NULLS NOT DISTINCT (region));
CREATE TABLE pair (a int UNIQUE PRIMARY KEY, b int UNIQUE, c int CHECK (c > 0) CHECK (c < 10), CHECK (a > b), CHECK (b > 1), UNIQUE (a, b) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE member (
  org_id int NOT NULL REFERENCES org ON DELETE CASCADE ON UPDATE SET NULL,
  region text, boss int REFERENCES member (id), id int CONSTRAINT member_key PRIMARY KEY,
  during tsrange, EXCLUDE USING gist (during WITH &&),
  EXCLUDE USING gist (during WITH &&) WHERE (org_id > 1),
  FOREIGN KEY (org_id, region) REFERENCES org (id, region) MATCH SIMPLE ON DELETE RESTRICT DEFERRABLE
);
ALTER TABLE pair ADD FOREIGN KEY (a) REFERENCES org (nothing);
ALTER TABLE pair ADD FOREIGN KEY (a, b) REFERENCES org;
ALTER TABLE member ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
ALTER TABLE member ADD CONSTRAINT positive CHECK (id > 0);
ALTER TABLE member VALIDATE CONSTRAINT positive;
ALTER TABLE member ADD CHECK (id > 0 AND org_id > 0) NO INHERIT;
ALTER TABLE member ADD FOREIGN KEY (org_id) REFERENCES org NOT VALID;
ALTER TABLE member ADD UNIQUE (region) INCLUDE (during);
ALTER TABLE member ADD PRIMARY KEY (region);
CREATE UNIQUE INDEX member_region_org ON member (region, org_id);
ALTER TABLE member ADD CONSTRAINT one_region UNIQUE USING INDEX member_region_org;
ALTER TABLE org DROP CONSTRAINT org_pkey;
ALTER TABLE org DROP CONSTRAINT org_pkey CASCADE;
CREATE UNIQUE INDEX org_id_idx ON org (id);
ALTER TABLE org ADD CONSTRAINT org_key PRIMARY KEY USING INDEX org_id_idx;
ALTER TABLE member RENAME CONSTRAINT one_region TO one_region_each;
ALTER INDEX member_region_during_key RENAME TO member_region_only;
ALTER TABLE member DROP CONSTRAINT one_region_each, DROP CONSTRAINT IF EXISTS never;
ALTER TABLE member DROP CONSTRAINT never;
CREATE TABLE a_very_long_table_name_that_nearly_fills_the_limit_of_names (a_very_long_column_name_that_goes_on int UNIQUE CHECK (a_very_long_column_name_that_goes_on > 0) REFERENCES org, "größenordnung_der_zahlen_im_überblick" int UNIQUE);
CREATE TABLE pair_c (c_check int, CHECK (c_check > 0));
ALTER TABLE pair ADD COLUMN d int UNIQUE REFERENCES org, ADD COLUMN e int DEFAULT 3 CHECK (e < 4);
ALTER TABLE pair DROP COLUMN b;
CREATE TABLE waits (id int PRIMARY KEY, org int CONSTRAINT waits_org REFERENCES org (id));
ALTER TABLE waits ALTER CONSTRAINT waits_org DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE waits ALTER CONSTRAINT nothing DEFERRABLE;
