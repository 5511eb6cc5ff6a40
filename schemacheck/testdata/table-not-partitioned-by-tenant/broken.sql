CREATE TABLE orders (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (tenant_id);
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE TABLE lines ( -- want table-not-partitioned-by-tenant "public.lines refers to public.orders, which is partitioned by tenant, and is not"
	tenant_id uuid NOT NULL, order_id uuid NOT NULL, position integer NOT NULL, PRIMARY KEY (tenant_id, order_id, position),
	FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);
CREATE TABLE visits (tenant_id uuid NOT NULL, page text NOT NULL) PARTITION BY HASH (page); -- want table-not-partitioned-by-tenant "public.visits is divided by page, and public.orders by tenant"
CREATE TABLE visits_0 PARTITION OF visits FOR VALUES WITH (MODULUS 1, REMAINDER 0);
