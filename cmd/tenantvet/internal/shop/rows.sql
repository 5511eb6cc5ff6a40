-- Forty tenants of very different size: the first has about 29 % of everything.
SELECT setseed(0.42);
INSERT INTO tenants SELECT ('5bd0c1e0-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Tenant ' || n FROM generate_series(1, 40) n;

CREATE TEMPORARY TABLE draw AS
    SELECT n AS id, ('5bd0c1e0-0000-4000-8000-' || lpad(to_hex(1 + floor(40 * power(random(), 3))::int), 12, '0'))::uuid AS tenant_id
    FROM generate_series(1, 30000) n;

INSERT INTO customers SELECT tenant_id, id, 'customer' || id || '@example.com' FROM draw WHERE id <= 3000;
INSERT INTO customers SELECT id, 0, 'cash@example.com' FROM tenants;
INSERT INTO orders
    SELECT d.tenant_id, d.id, coalesce(c.id, 0), 100 + d.id % 90000, (ARRAY['open', 'paid', 'sent', 'back'])[1 + d.id % 4], timestamptz '2026-11-20' - d.id * interval '97 seconds'
    FROM draw d LEFT JOIN customers c ON c.tenant_id = d.tenant_id AND c.id = d.id % 3000;
INSERT INTO order_lines SELECT tenant_id, id, p, 'sku-' || (id * p) % 500, 50 + id % 700 FROM orders, generate_series(1, 2) p;
INSERT INTO payments (tenant_id, order_id, amount, paid_at) SELECT tenant_id, id, total, created_at + interval '1 day' FROM orders;
INSERT INTO events SELECT tenant_id, id, timestamptz '2026-11-20' - id * interval '97 seconds', jsonb_build_object('order', id, 'kind', 'placed') FROM draw;
INSERT INTO notes SELECT tenant_id, id, id, 'note ' || id || repeat(' please call back', (id % 5)::int) FROM draw WHERE id % 2 = 0;
DROP TABLE draw;
