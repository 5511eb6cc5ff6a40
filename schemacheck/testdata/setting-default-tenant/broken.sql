-- model: superuser
ALTER ROLE app_user SET app.tenant_id = 'aaaaaaaa-0000-4000-8000-000000000001'; -- want setting-default-tenant "each connection of role app_user begins with app.tenant_id"
