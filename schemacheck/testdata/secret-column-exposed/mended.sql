REVOKE SELECT ON users, integrations FROM app_user;
GRANT SELECT (id, tenant_id, email) ON users TO app_user;
GRANT SELECT (id, tenant_id, token_count) ON integrations TO app_user;
