CREATE TABLE tenant_a.settings (key text PRIMARY KEY, value text);
CREATE TABLE tenant_b.settings (key text PRIMARY KEY, value text);
