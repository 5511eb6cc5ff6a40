CREATE TABLE a (id int, tenant_id int);
CREATE TABLE b (id int, tenant_id int);
CREATE TABLE other (id int);
DO $$ BEGIN CREATE TYPE mood AS ENUM ('x'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE mood AS ENUM ('y'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'second') THEN CREATE TYPE second AS ENUM ('1'); END IF;
  IF EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'mood' AND n.nspname = 'public') THEN
    ALTER TYPE mood ADD VALUE 'z';
  ELSE
    CREATE TABLE never (id int);
  END IF;
END $$;
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['a', 'b'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY %I ON %I USING (tenant_id = current_setting('app.tenant')::int)$p$, t || '_tenant', t);
  END LOOP;
END $$;
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1 LOOP
    EXECUTE 'ALTER TABLE ' || quote_ident(r.table_name) || ' FORCE ROW LEVEL SECURITY';
    EXECUTE 'GRANT SELECT ON ' || r.table_name || ' TO app_user';
  END LOOP;
END $$;
DO $$ BEGIN
  IF to_regclass('public.other') IS NOT NULL AND to_regclass('nothing') IS NULL THEN ALTER TABLE other ADD COLUMN n int; END IF;
  IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'other' AND column_name = 'n') THEN
    ALTER TABLE other ADD COLUMN never int;
  ELSIF (SELECT count(*) FROM pg_indexes WHERE tablename = 'other') = 0 THEN
    CREATE INDEX other_n ON other (n);
  END IF;
END $$;
DO $$ BEGIN
  ALTER TABLE other ADD COLUMN first int;
  ALTER TABLE other ADD COLUMN n int;
END $$;
DO $$ BEGIN
  BEGIN
    ALTER TABLE other ADD COLUMN tried int;
    ALTER TABLE missing ADD COLUMN n int;
  EXCEPTION WHEN undefined_table THEN
    ALTER TABLE other ADD COLUMN handled int;
  END;
  FOR i IN 1..3 LOOP
    CONTINUE WHEN i = 2;
    EXECUTE format('CREATE TABLE part_%s (id int)', i);
  END LOOP;
END $$;
CREATE FUNCTION add_tenant(tab regclass, col text DEFAULT 'org_id') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ADD COLUMN %I int', tab, col);
  IF col <> 'org_id' THEN RETURN; END IF;
  EXECUTE 'CREATE INDEX ON ' || tab || ' (' || col || ')';
END $$;
SELECT add_tenant('other');
SELECT add_tenant('other', 'team');
SELECT add_tenant(c.oid::regclass, 'seen') FROM pg_class c WHERE c.relname LIKE 'part\_%' AND c.relkind = 'r';
CREATE PROCEDURE both_tables() LANGUAGE plpgsql AS $$ BEGIN PERFORM add_tenant('a'); PERFORM add_tenant('b'); END $$;
CALL both_tables();
CREATE FUNCTION make() RETURNS void LANGUAGE sql AS 'CREATE TABLE made (id int); CREATE INDEX ON other (id)';
SELECT make();
DO $$ DECLARE n int := 0; names text[] := '{x,y}'; BEGIN
  WHILE n < array_length(names, 1) LOOP
    n := n + 1;
    EXECUTE format('CREATE TABLE while_%s (id int)', names[n]);
  END LOOP;
  CASE n WHEN 2 THEN CREATE TABLE chosen (id int); ELSE CREATE TABLE not_chosen (id int); END CASE;
  UPDATE other SET n = 1;
  RAISE NOTICE 'done';
END $$;
DO $$ BEGIN RAISE EXCEPTION 'stop'; CREATE TABLE never (id int); END $$;
DO 'BEGIN CREATE TABLE quoted (id int DEFAULT 1, t text DEFAULT ''x''); END';
DO $$ BEGIN ALTER TABLE other FORCE ROW LEVEL SECURITY; RAISE EXCEPTION 'x'; EXCEPTION WHEN OTHERS THEN NULL; END $$;
DO $$ BEGIN ALTER TABLE other ADD COLUMN asserted int; ASSERT 1 = 2; EXCEPTION WHEN assert_failure THEN NULL; END $$;
DO $$ BEGIN ALTER TABLE other ADD COLUMN held int; ASSERT 1 = 1; EXCEPTION WHEN assert_failure THEN NULL; END $$;
DO $$ BEGIN ALTER TABLE other ADD COLUMN lost int; RAISE EXCEPTION 'x'; END $$;
DO $$ BEGIN
  CREATE TABLE undone (id int);
  RAISE EXCEPTION 'x';
EXCEPTION WHEN duplicate_table THEN CREATE TABLE wrong (id int); WHEN OTHERS THEN CREATE TABLE right_one (id int);
END $$;
