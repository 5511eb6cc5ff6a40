-- model: superuser
REVOKE USAGE ON SCHEMA tenant_best FROM acme_app;
REVOKE acme_app, best_app, core_app FROM pool;
