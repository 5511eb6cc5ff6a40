-- model: superuser
CREATE ROLE importer LOGIN;
ALTER ROLE importer SET app.tenant_id = 'aaaaaaaa-0000-4000-8000-000000000001';
ALTER ROLE app_user SET statement_timeout = '5s';
