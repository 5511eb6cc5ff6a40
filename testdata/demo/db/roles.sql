-- The owner runs migrations; the service connects as invoicing_app and owns nothing.
CREATE ROLE invoicing_owner NOLOGIN;
CREATE ROLE invoicing_app LOGIN;
