\set ON_ERROR_STOP on
\set VERBOSITY verbose
\connect production
\echo creating "tables"; not SQL
SET client_encoding = 'UTF8';
SET check_function_bodies = false;
CREATE ROLE "App User" LOGIN;
CREATE /* nested /* comment */ ; */ TABLE "Mixed Case" ( -- a comment; with a semicolon
  "Id" int PRIMARY KEY, /* ' */ "tenant Id" uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  note text DEFAULT E'it''s \'quoted\'; \\', body text DEFAULT $tag$ ; -- $$ $tag$
);
COPY "Mixed Case" ("Id", note) FROM stdin;
1	DROP TABLE "Mixed Case";
2	\N
3	it's
\.
CREATE TABLE public.after_data (id int);
\copy after_data FROM 'nowhere.csv' WITH (FORMAT csv)
GRANT SELECT ON "Mixed Case" TO "App User";
ALTER TABLE "Mixed Case" ENABLE ROW LEVEL SECURITY; ALTER TABLE "Mixed Case" FORCE ROW LEVEL SECURITY;
CREATE POLICY "the; policy" ON "Mixed Case" USING ("tenant Id" = nullif(current_setting('app.tenant_id', true), '')::uuid);
