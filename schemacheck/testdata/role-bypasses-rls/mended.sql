REVOKE reporting FROM app_user;
ALTER ROLE worker NOBYPASSRLS;
REVOKE pg_read_server_files FROM importer;
