CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE payments (id uuid PRIMARY KEY, tenant_id text NOT NULL, amount bigint); -- want rls-disabled "public.payments has no row-level security"

CREATE TABLE payment_lines ( -- want rls-disabled "public.payment_lines has no row-level security"
    id         uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments ON DELETE CASCADE
);

CREATE TABLE "Refunds" (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE "Refunds" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "Refunds" DISABLE ROW LEVEL SECURITY; -- want rls-disabled "public.Refunds has no row-level security"

GRANT SELECT ON invoices, payments, payment_lines, "Refunds" TO app_user;
