REVOKE SELECT ON totals FROM app_user;
