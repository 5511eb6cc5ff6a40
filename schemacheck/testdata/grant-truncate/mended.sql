REVOKE TRUNCATE ON orders FROM app_user;
REVOKE TRUNCATE ON refunds FROM app_user;
