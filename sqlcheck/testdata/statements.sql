--- Each statement has its references above it, in order of the text: alias and verdict. All lines of a
--- statement follow. A cautious verdict is unpinned although no row of another tenant matters.
--- Lines with three dashes are headings. Every verdict here is held against a server.

--- One table.

-- i pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = $1 AND status = 'open';
-- invoice pinned
SELECT * FROM invoice WHERE $1 = tenant_id;
-- invoice pinned
SELECT * FROM public.invoice WHERE public.invoice.tenant_id = $1;
-- invoice unpinned
SELECT * FROM invoice;
-- invoice unpinned
SELECT * FROM invoice WHERE status = 'open';
-- invoice unpinned by id
SELECT * FROM invoice WHERE id = $2;
-- invoice unpinned by user_id
SELECT * FROM invoice WHERE user_id = $2;
-- users unpinned by token
SELECT * FROM users WHERE token = $3;
-- users unpinned
SELECT * FROM users WHERE email = $3;
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id <> $1;
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id >= $1;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id::text = $1::text;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = current_setting('app.tenant_id')::uuid;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = app.current_tenant();
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = (SELECT app.current_tenant());
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = '00000000-0000-0000-0000-00000000000a';
-- invoice pinned
SELECT * FROM invoice WHERE false;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = NULL;
-- invoice undecided
SELECT * FROM invoice WHERE left(tenant_id::text, 8) = left($1::text, 8);
-- invoice pinned
SELECT * FROM invoice WHERE lower(tenant_id::text) = lower($1::text);
-- invoice pinned
SELECT * FROM invoice WHERE ARRAY[tenant_id] <@ ARRAY[$1::uuid];
-- invoice undecided
SELECT * FROM invoice WHERE NOT ARRAY[tenant_id] <@ ARRAY[$1::uuid];
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id BETWEEN $1 AND $1;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id >= $1 AND $1 >= tenant_id;
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id >= $1 OR $1 >= tenant_id;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = ALL (ARRAY[$1::uuid]);
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id = $1) IS NOT DISTINCT FROM true;
-- invoice unpinned
SELECT * FROM invoice WHERE (tenant_id = $1) IS DISTINCT FROM true;
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id = $1)::int = 1;
-- invoice pinned
SELECT * FROM invoice WHERE CASE WHEN tenant_id IS DISTINCT FROM $1 THEN false ELSE true END;
-- invoice unpinned
SELECT * FROM invoice WHERE CASE WHEN tenant_id <> NULLIF($1, $1) THEN false ELSE true END;
-- invoice pinned
SELECT * FROM invoice WHERE (SELECT tenant_id = $1);
-- invoice unpinned open
SELECT * FROM invoice WHERE tenant_id = greatest($1, tenant_id);
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id = tenant_id;
-- invoice pinned
SELECT * FROM invoice WHERE same_tenant(tenant_id, $1);
-- nothing
SELECT * FROM country;
-- tenant pinned
SELECT * FROM tenant WHERE id = $1;
-- tenant unpinned by slug
SELECT * FROM tenant WHERE slug = $3;
-- tenant unpinned
SELECT * FROM tenant;
-- undecided relation-unknown
SELECT * FROM nowhere WHERE tenant_id = $1;
-- nothing
SELECT relname FROM pg_class WHERE relname = 'invoice';

--- AND, OR, NOT.

-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id = $1 AND status = 'open') OR (tenant_id = $1 AND number = 1);
-- invoice unpinned open
SELECT * FROM invoice WHERE tenant_id = $1 OR status = 'open';
-- invoice unpinned open
SELECT * FROM invoice WHERE tenant_id = $1 AND status = 'open' OR status = 'paid';
-- invoice pinned
SELECT * FROM invoice WHERE NOT (tenant_id <> $1);
-- invoice unpinned
SELECT * FROM invoice WHERE NOT (tenant_id = $1);
-- invoice pinned
SELECT * FROM invoice WHERE NOT (tenant_id <> $1 OR status = 'void');
-- invoice unpinned open
SELECT * FROM invoice WHERE NOT (tenant_id <> $1 AND status = 'void');
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id = $1) IS TRUE;
-- invoice unpinned
SELECT * FROM invoice WHERE (tenant_id = $1) IS NOT FALSE;
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id <> $1) IS FALSE;
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id = $1 OR false) AND (status = 'open' OR number = 2);
-- invoice pinned
SELECT * FROM invoice WHERE (status = 'open' OR status = 'paid') AND tenant_id = $1;
-- invoice unpinned open
SELECT * FROM invoice WHERE $1 IS NULL OR tenant_id = $1;
-- invoice unpinned open
SELECT * FROM invoice WHERE $3 = '' OR tenant_id = $1;
-- invoice unpinned open
SELECT * FROM invoice WHERE tenant_id = COALESCE($1, tenant_id);
-- invoice unpinned open
SELECT * FROM invoice WHERE COALESCE($1, tenant_id) = tenant_id;
-- invoice pinned
SELECT * FROM invoice WHERE COALESCE(tenant_id = $1, false);
-- invoice unpinned open
SELECT * FROM invoice WHERE COALESCE(tenant_id = $1, true);
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id IS NOT DISTINCT FROM $1;
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id IS DISTINCT FROM $1;
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = NULLIF($1::text, '')::uuid;
-- template pinned or null
SELECT * FROM template WHERE tenant_id = $1 OR tenant_id IS NULL;
-- template pinned or null
SELECT * FROM template WHERE tenant_id IS NULL;
-- template unpinned
SELECT * FROM template WHERE NULLIF(tenant_id, '00000000-0000-0000-0000-00000000000b') IS NULL;
-- template unpinned
SELECT * FROM template WHERE NULLIF(tenant_id, '00000000-0000-0000-0000-00000000000b') IS NOT DISTINCT FROM $1;
-- template unpinned open
SELECT * FROM template WHERE COALESCE(NULLIF(tenant_id, '00000000-0000-0000-0000-00000000000b'), $1) = $1;
-- invoice undecided
SELECT * FROM invoice WHERE tenant_id::text::varchar(3) = '000';
-- invoice unpinned
SELECT * FROM invoice WHERE 1::boolean = 2::boolean;
-- template pinned or null
SELECT * FROM template WHERE tenant_id IS NOT DISTINCT FROM $1;
-- template pinned or null
SELECT * FROM template WHERE COALESCE(tenant_id, $1) = $1;
-- invoice pinned
SELECT * FROM invoice WHERE COALESCE(tenant_id, $1) = $1;
-- invoice pinned
SELECT * FROM invoice WHERE CASE WHEN status = 'open' THEN tenant_id = $1 ELSE false END;
-- invoice unpinned open
SELECT * FROM invoice WHERE CASE WHEN status = 'open' THEN tenant_id = $1 ELSE true END;
-- invoice pinned
SELECT * FROM invoice WHERE CASE WHEN status = 'open' THEN tenant_id = $1 END;
-- invoice pinned
SELECT * FROM invoice WHERE CASE status WHEN 'open' THEN tenant_id ELSE tenant_id END = $1;
-- invoice unpinned open
SELECT * FROM invoice WHERE CASE WHEN $3 = '' THEN true ELSE tenant_id = $1 END;

--- Lists.

-- invoice pinned
SELECT * FROM invoice WHERE tenant_id IN ($1);
-- invoice pinned list
SELECT * FROM invoice WHERE tenant_id IN ($1, $2);
-- invoice pinned list
SELECT * FROM invoice WHERE tenant_id = ANY($4);
-- invoice pinned
SELECT * FROM invoice WHERE tenant_id = ANY(ARRAY[$1]::uuid[]);
-- invoice pinned list
SELECT * FROM invoice WHERE tenant_id = $1 OR tenant_id = $2;
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id NOT IN ($1);
-- invoice unpinned
SELECT * FROM invoice WHERE tenant_id <> ALL($4);
-- invoice unpinned by id
SELECT * FROM invoice WHERE id = ANY($4);
-- i pinned list
SELECT * FROM invoice i JOIN unnest($4::uuid[]) AS t(id) ON t.id = i.tenant_id;
-- i pinned list
SELECT * FROM invoice i JOIN (VALUES ($1), ($2)) AS t(id) ON t.id = i.tenant_id;
-- i pinned
SELECT * FROM invoice i JOIN (VALUES ($1, 1)) AS t(id, n) ON t.id = i.tenant_id;
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id, number) = ($1, 1);
-- invoice pinned list
SELECT * FROM invoice WHERE (tenant_id, number) IN (($1, 1), ($2, 2));
-- invoice pinned
SELECT * FROM invoice WHERE (tenant_id, number) IN (($1, 1), ($1, 2));
-- invoice unpinned
SELECT * FROM invoice WHERE (tenant_id, number) > ($1, 1);

--- Joins.

-- i pinned, u pinned
SELECT * FROM invoice i JOIN users u ON u.id = i.user_id AND u.tenant_id = i.tenant_id WHERE i.tenant_id = $1;
-- i pinned, u unpinned tied
SELECT * FROM invoice i JOIN users u ON u.id = i.user_id WHERE i.tenant_id = $1;
-- i pinned, u unpinned
SELECT * FROM invoice i JOIN users u ON u.email = i.status WHERE i.tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i, users u WHERE i.tenant_id = u.tenant_id AND u.tenant_id = $1 AND i.user_id = u.id;
-- i pinned, u pinned
SELECT * FROM invoice i JOIN users u USING (tenant_id) WHERE tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i LEFT JOIN users u USING (tenant_id) WHERE tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i RIGHT JOIN users u USING (tenant_id) WHERE tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i FULL JOIN users u USING (tenant_id) WHERE tenant_id = $1;
-- i pinned, c pinned
SELECT * FROM invoice i NATURAL JOIN counter c WHERE tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i LEFT JOIN users u ON u.tenant_id = i.tenant_id AND u.email = i.status WHERE i.tenant_id = $1;
-- i pinned, u unpinned
SELECT * FROM invoice i LEFT JOIN users u ON u.email = i.status WHERE i.tenant_id = $1;
-- i unpinned, u pinned
SELECT * FROM invoice i LEFT JOIN users u ON u.tenant_id = $1 AND i.tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i LEFT JOIN users u ON u.tenant_id = i.tenant_id WHERE u.tenant_id = $1;
-- i pinned, u unpinned
SELECT * FROM invoice i LEFT JOIN users u ON u.email = i.status WHERE i.tenant_id = $1 AND (u.tenant_id = $1 OR u.tenant_id IS NULL);
-- i pinned, u unpinned
SELECT * FROM invoice i LEFT JOIN users u ON u.email = i.status WHERE i.tenant_id = $1 AND u.tenant_id IS NULL;
-- i pinned, u unpinned (cautious)
SELECT * FROM invoice i LEFT JOIN users u ON u.email = i.status WHERE i.tenant_id = $1 AND u.tenant_id IS NOT DISTINCT FROM $1;
-- i pinned, u pinned
SELECT * FROM invoice i LEFT JOIN users u ON u.email = i.status WHERE i.tenant_id = $1 AND u.tenant_id = $1;
-- u pinned, i pinned
SELECT * FROM users u RIGHT JOIN invoice i ON u.tenant_id = i.tenant_id WHERE i.tenant_id = $1;
-- i unpinned, u unpinned
SELECT * FROM invoice i FULL JOIN users u ON u.tenant_id = i.tenant_id AND i.tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i FULL JOIN users u ON u.tenant_id = i.tenant_id WHERE i.tenant_id = $1;
-- i pinned, u unpinned
SELECT * FROM invoice i FULL JOIN users u ON u.email = i.status WHERE i.tenant_id = $1;
-- i pinned, u pinned
SELECT * FROM invoice i FULL JOIN users u ON u.tenant_id = i.tenant_id AND u.email = i.status WHERE i.tenant_id = $1 AND u.tenant_id = $1;
-- i pinned, u unpinned tied, p pinned
SELECT * FROM invoice i LEFT JOIN users u ON u.id = i.user_id LEFT JOIN payment p ON p.tenant_id = i.tenant_id WHERE i.tenant_id = $1;
-- i pinned, u pinned, p pinned
SELECT * FROM invoice i LEFT JOIN users u ON u.tenant_id = i.tenant_id LEFT JOIN payment p ON p.tenant_id = u.tenant_id WHERE i.tenant_id = $1;
-- i pinned, u unpinned, p unpinned
SELECT * FROM invoice i LEFT JOIN users u ON u.email = i.status LEFT JOIN payment p ON p.tenant_id = u.tenant_id WHERE i.tenant_id = $1;
-- i pinned, u pinned, p pinned
SELECT * FROM invoice i LEFT JOIN (users u JOIN payment p ON p.tenant_id = u.tenant_id) ON u.tenant_id = i.tenant_id WHERE i.tenant_id = $1;
-- i pinned
SELECT * FROM invoice i CROSS JOIN country c WHERE i.tenant_id = $1;
-- i pinned
SELECT * FROM invoice i JOIN country c ON c.code = i.status WHERE i.tenant_id = $1;
-- i pinned, t pinned
SELECT * FROM invoice i JOIN tenant t ON t.id = i.tenant_id WHERE i.tenant_id = $1;
-- i pinned, t pinned
SELECT * FROM invoice i JOIN tenant t ON t.id = i.tenant_id WHERE t.id = $1;
-- i unpinned tied, t unpinned by slug
SELECT * FROM invoice i JOIN tenant t ON t.id = i.tenant_id WHERE t.slug = $3;
-- a pinned, b pinned
SELECT * FROM users a JOIN users b ON b.manager_id = a.id AND b.tenant_id = a.tenant_id WHERE b.tenant_id = $1;
-- a pinned, b unpinned tied
SELECT * FROM users a JOIN users b ON b.manager_id = a.id WHERE a.tenant_id = $1;
-- a pinned, b pinned
SELECT * FROM users a JOIN users b ON b.id = a.id WHERE a.tenant_id = $1;
-- i pinned
SELECT j.number FROM (invoice i CROSS JOIN country c) AS j WHERE j.tenant_id = $1;

--- Children, and foreign keys that carry the tenant.

-- i pinned, l pinned
SELECT * FROM invoice i JOIN line l ON l.invoice_id = i.id WHERE i.tenant_id = $1;
-- l pinned, i pinned
SELECT l.* FROM line l LEFT JOIN invoice i ON i.id = l.invoice_id WHERE i.tenant_id = $1;
-- l unpinned, i pinned
SELECT l.* FROM line l LEFT JOIN invoice i ON i.id = l.invoice_id AND i.tenant_id = $1;
-- i pinned, l pinned
SELECT * FROM invoice i LEFT JOIN line l ON l.invoice_id = i.id WHERE i.tenant_id = $1;
-- i pinned, l unpinned
SELECT * FROM invoice i LEFT JOIN line l ON l.pos = i.number WHERE i.tenant_id = $1;
-- line pinned, invoice pinned
SELECT * FROM line WHERE invoice_id IN (SELECT id FROM invoice WHERE tenant_id = $1);
-- l pinned, i pinned
SELECT * FROM line l WHERE EXISTS (SELECT 1 FROM invoice i WHERE i.id = l.invoice_id AND i.tenant_id = $1);
-- l unpinned, i pinned
SELECT * FROM line l WHERE EXISTS (SELECT 1 FROM invoice i WHERE i.tenant_id = $1);
-- line unpinned by invoice_id
SELECT * FROM line WHERE invoice_id = $2;
-- line unpinned
SELECT * FROM line WHERE pos = 1;
-- i pinned, l pinned, n pinned
SELECT * FROM invoice i JOIN line l ON l.invoice_id = i.id JOIN line_note n ON n.line_id = l.id WHERE i.tenant_id = $1;
-- n pinned, l pinned, i pinned
SELECT * FROM line_note n WHERE n.line_id IN (SELECT l.id FROM line l JOIN invoice i ON i.id = l.invoice_id WHERE i.tenant_id = $1);
-- i pinned, p pinned
SELECT * FROM invoice i JOIN payment p ON p.invoice_id = i.id WHERE i.tenant_id = $1;
-- p pinned, i pinned
SELECT * FROM payment p JOIN invoice i ON i.id = p.invoice_id WHERE p.tenant_id = $1;
-- p pinned, l unpinned tied
SELECT * FROM payment p JOIN line l ON l.invoice_id = p.invoice_id WHERE p.tenant_id = $1;
-- i pinned, l pinned, m pinned
SELECT * FROM invoice i JOIN line l ON l.invoice_id = i.id JOIN line m ON m.invoice_id = l.invoice_id WHERE i.tenant_id = $1;

--- Subqueries.

-- invoice pinned, users pinned
SELECT * FROM invoice WHERE tenant_id = $1 AND user_id IN (SELECT id FROM users WHERE tenant_id = $1);
-- invoice pinned, users pinned
SELECT * FROM invoice WHERE tenant_id IN (SELECT tenant_id FROM users WHERE tenant_id = $1);
-- i pinned, u unpinned tied
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND i.user_id IN (SELECT u.manager_id FROM users u);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = i.tenant_id);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = i.tenant_id);
-- i pinned, u unpinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.email = i.status);
-- i pinned, u unpinned tied
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = i.user_id);
-- i pinned, u unpinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = tenant_id AND u.email = 'zz');
-- i unpinned, u unpinned
SELECT * FROM invoice i WHERE EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = tenant_id AND i.status = 'open');
-- i pinned, u pinned
SELECT * FROM invoice i WHERE EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = i.tenant_id AND u.tenant_id = $1);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND i.user_id NOT IN (SELECT u.id FROM users u WHERE u.tenant_id = $1);
-- i pinned, u unpinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND i.user_id NOT IN (SELECT u.id FROM users u WHERE u.email = 'zz');
-- u pinned, i pinned
SELECT i.id, (SELECT count(*) FROM users u WHERE u.tenant_id = i.tenant_id) FROM invoice i WHERE i.tenant_id = $1;
-- u unpinned, i pinned
SELECT i.id, (SELECT count(*) FROM users u) FROM invoice i WHERE i.tenant_id = $1;
-- u unpinned tied, i pinned
SELECT i.id, (SELECT u.email FROM users u WHERE u.id = i.user_id) FROM invoice i WHERE i.tenant_id = $1;
-- i unpinned tied, u unpinned by id
SELECT * FROM invoice i WHERE i.tenant_id = (SELECT u.tenant_id FROM users u WHERE u.id = $2);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = (SELECT u.tenant_id FROM users u WHERE u.id = $2 AND u.tenant_id = $1);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE (i.tenant_id, i.user_id) IN (SELECT u.tenant_id, u.id FROM users u WHERE u.tenant_id = $1);
-- i pinned, j pinned
SELECT * FROM invoice i WHERE i.id IN (SELECT j.id FROM invoice j WHERE j.tenant_id = $1 ORDER BY j.number LIMIT 2);
-- i pinned, j unpinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND i.id IN (SELECT j.id FROM invoice j ORDER BY j.number LIMIT 2);
-- i pinned, j pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND i.number = (SELECT max(j.number) FROM invoice j WHERE j.tenant_id = i.tenant_id);
-- i pinned, j unpinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND i.number = (SELECT max(j.number) FROM invoice j);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 AND (i.status = 'open' OR EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = i.tenant_id));
-- i unpinned open, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = $1 OR EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = $1);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = ANY (SELECT u.tenant_id FROM users u WHERE u.tenant_id = $1);
-- i pinned, u pinned
SELECT * FROM invoice i WHERE i.tenant_id = ANY (ARRAY(SELECT u.tenant_id FROM users u WHERE u.tenant_id = $1));
-- u pinned, i pinned
SELECT i.id, ARRAY(SELECT u.id FROM users u WHERE u.tenant_id = i.tenant_id ORDER BY u.id) FROM invoice i WHERE i.tenant_id = $1;

--- Derived tables, LATERAL, WITH.

-- i pinned
SELECT * FROM (SELECT * FROM invoice i) AS s WHERE s.tenant_id = $1;
-- i pinned
SELECT * FROM (SELECT i.tenant_id AS t, i.number FROM invoice i) AS s WHERE s.t = $1;
-- i unpinned
SELECT * FROM (SELECT i.tenant_id AS t, i.number FROM invoice i) AS s WHERE s.number = 1;
-- i pinned
SELECT * FROM (SELECT i.tenant_id, count(*) AS n FROM invoice i GROUP BY i.tenant_id) AS s WHERE s.tenant_id = $1;
-- i unpinned
SELECT * FROM (SELECT i.status, count(*) AS n FROM invoice i GROUP BY i.status) AS s WHERE s.status = 'open';
-- i unpinned
SELECT * FROM (SELECT i.* FROM invoice i ORDER BY i.number, i.id LIMIT 2) AS s WHERE s.tenant_id = $1;
-- i unpinned
SELECT * FROM (SELECT i.*, row_number() OVER (ORDER BY i.number, i.id) AS r FROM invoice i) AS s WHERE s.tenant_id = $1;
-- i pinned
SELECT * FROM (SELECT i.*, row_number() OVER (PARTITION BY i.tenant_id ORDER BY i.number, i.id) AS r FROM invoice i) AS s WHERE s.tenant_id = $1;
-- i pinned
SELECT * FROM (SELECT DISTINCT i.tenant_id, i.status FROM invoice i) AS s WHERE s.tenant_id = $1;
-- i unpinned
SELECT * FROM (SELECT DISTINCT ON (i.status) i.tenant_id, i.status FROM invoice i ORDER BY i.status, i.id) AS s WHERE s.tenant_id = $1;
-- i pinned
SELECT * FROM (SELECT DISTINCT ON (i.tenant_id) i.tenant_id, i.status FROM invoice i ORDER BY i.tenant_id, i.id) AS s WHERE s.tenant_id = $1;
-- i pinned
SELECT i.tenant_id, count(*) FROM invoice i GROUP BY i.tenant_id HAVING i.tenant_id = $1;
-- i unpinned
SELECT i.status, count(*) FROM invoice i GROUP BY i.status HAVING count(*) > 1;
-- i unpinned (cautious)
SELECT i.tenant_id, count(*) FROM invoice i GROUP BY ROLLUP (i.tenant_id) HAVING i.tenant_id = $1;
-- u pinned, i pinned
SELECT * FROM users u CROSS JOIN LATERAL (SELECT * FROM invoice i WHERE i.tenant_id = u.tenant_id ORDER BY i.number LIMIT 1) AS s WHERE u.tenant_id = $1;
-- u pinned, i unpinned
SELECT * FROM users u CROSS JOIN LATERAL (SELECT * FROM invoice i WHERE i.status = u.email ORDER BY i.number, i.id LIMIT 1) AS s WHERE u.tenant_id = $1;
-- u pinned, i pinned
SELECT * FROM users u LEFT JOIN LATERAL (SELECT * FROM invoice i WHERE i.tenant_id = u.tenant_id ORDER BY i.number LIMIT 1) AS s ON true WHERE u.tenant_id = $1;
-- i pinned
WITH s AS (SELECT * FROM invoice i WHERE i.tenant_id = $1) SELECT * FROM s;
-- i pinned
WITH s AS (SELECT * FROM invoice i) SELECT * FROM s WHERE s.tenant_id = $1;
-- i unpinned
WITH s AS (SELECT * FROM invoice i) SELECT * FROM s;
-- i unpinned
WITH s AS (SELECT * FROM invoice i) SELECT * FROM s WHERE s.tenant_id = $1 UNION ALL SELECT * FROM s;
-- i pinned
WITH s AS (SELECT * FROM invoice i) SELECT * FROM s WHERE s.tenant_id = $1 UNION ALL SELECT * FROM s WHERE s.tenant_id = $1;
-- i pinned, u pinned
WITH s AS (SELECT * FROM invoice i WHERE i.tenant_id = $1) SELECT * FROM users u JOIN s ON s.tenant_id = u.tenant_id;
-- i pinned, l pinned
WITH s AS (SELECT id FROM invoice i WHERE i.tenant_id = $1 ORDER BY number LIMIT 3) SELECT * FROM line l JOIN s ON s.id = l.invoice_id;
-- i pinned, line pinned
WITH s AS (SELECT id FROM invoice i WHERE i.tenant_id = $1), r AS (SELECT id FROM s) SELECT * FROM line WHERE invoice_id IN (SELECT id FROM r);
-- invoice pinned
WITH invoice AS (SELECT * FROM invoice WHERE tenant_id = $1) SELECT * FROM invoice;
-- users pinned, u pinned
WITH RECURSIVE tree AS (
  SELECT id, tenant_id, manager_id FROM users WHERE tenant_id = $1 AND manager_id IS NULL
  UNION ALL
  SELECT u.id, u.tenant_id, u.manager_id FROM users u JOIN tree t ON u.manager_id = t.id AND u.tenant_id = t.tenant_id)
SELECT * FROM tree;
-- users pinned, u unpinned tied
WITH RECURSIVE tree AS (
  SELECT id, manager_id FROM users WHERE tenant_id = $1 AND manager_id IS NULL
  UNION ALL
  SELECT u.id, u.manager_id FROM users u JOIN tree t ON u.manager_id = t.id)
SELECT * FROM tree;
-- users unpinned, u unpinned (cautious)
WITH RECURSIVE tree AS (
  SELECT id, tenant_id, manager_id FROM users WHERE manager_id IS NULL
  UNION ALL
  SELECT u.id, u.tenant_id, u.manager_id FROM users u JOIN tree t ON u.manager_id = t.id AND u.tenant_id = t.tenant_id)
SELECT * FROM tree WHERE tenant_id = $1;
-- u pinned, c pinned
WITH s AS (SELECT tenant_id FROM users u WHERE u.tenant_id = $1) SELECT * FROM counter c WHERE c.tenant_id = (SELECT tenant_id FROM s LIMIT 1);

--- Set operations.

-- a pinned, b pinned
SELECT id FROM invoice a WHERE a.tenant_id = $1 UNION SELECT id FROM users b WHERE b.tenant_id = $1;
-- a pinned, b unpinned
SELECT id FROM invoice a WHERE a.tenant_id = $1 UNION SELECT id FROM users b;
-- a pinned, b pinned
SELECT * FROM (SELECT tenant_id, id FROM invoice a UNION ALL SELECT tenant_id, id FROM users b) AS s WHERE s.tenant_id = $1;
-- a unpinned, b unpinned
SELECT * FROM (SELECT tenant_id, id FROM invoice a UNION ALL SELECT tenant_id, id FROM users b ORDER BY 2 LIMIT 2) AS s WHERE s.tenant_id = $1;
-- a pinned, b pinned
SELECT * FROM (SELECT tenant_id, id FROM invoice a EXCEPT SELECT tenant_id, id FROM users b) AS s WHERE s.tenant_id = $1;
-- a pinned, b unpinned
SELECT status FROM invoice a WHERE a.tenant_id = $1 EXCEPT SELECT email FROM users b;
-- a pinned, b pinned
SELECT * FROM (SELECT tenant_id, status FROM invoice a WHERE tenant_id = $1 INTERSECT SELECT tenant_id, email FROM users b) AS s WHERE s.tenant_id = $1;
-- l pinned, a pinned, b pinned
SELECT * FROM line l JOIN (SELECT id FROM invoice a WHERE a.tenant_id = $1 AND status = 'open' UNION SELECT id FROM invoice b WHERE b.tenant_id = $1 AND number = 1) AS s ON s.id = l.invoice_id;

--- Views and functions.

-- v pinned
SELECT * FROM open_invoice v WHERE v.tenant_id = $1;
-- open_invoice unpinned
SELECT * FROM open_invoice;
-- invoice_total pinned
SELECT * FROM invoice_total WHERE tenant_id = $1;
-- newest_invoice unpinned
SELECT * FROM newest_invoice WHERE tenant_id = $1;
-- my_invoice pinned
SELECT * FROM my_invoice;
-- f pinned
SELECT * FROM invoices_of($1) f;
-- all_invoices unpinned
SELECT * FROM all_invoices();
-- f pinned
SELECT * FROM all_invoices() f WHERE f.tenant_id = $1;
-- undecided function-body
SELECT invoice_count();
-- i undecided, undecided function-body
SELECT * FROM invoice i JOIN due_invoices(7) d ON d.tenant_id = i.tenant_id;
-- i undecided, undecided function-body
WITH due AS (SELECT d.* FROM due_invoices(7) d UNION ALL SELECT d.* FROM due_invoices(8) d) SELECT * FROM invoice i JOIN due d ON d.tenant_id = i.tenant_id;
-- i unpinned, undecided function-body
SELECT * FROM invoice i JOIN due_invoices(7) d ON d.number = i.number;
-- i pinned, undecided function-body
SELECT * FROM invoice i JOIN due_invoices(7) d ON d.tenant_id = i.tenant_id WHERE i.tenant_id = $1;
-- i pinned
SELECT * FROM invoice i CROSS JOIN generate_series(1, 2) g WHERE i.tenant_id = $1;

--- Statements that change rows.

-- invoice pinned
UPDATE invoice SET amount = 1 WHERE tenant_id = $1;
-- invoice unpinned
UPDATE invoice SET amount = 1;
-- invoice unpinned by id
UPDATE invoice SET amount = 1 WHERE id = $2;
-- i pinned, u pinned
UPDATE invoice i SET amount = 1 FROM users u WHERE u.id = i.user_id AND u.tenant_id = i.tenant_id AND i.tenant_id = $1;
-- i pinned, u unpinned tied
UPDATE invoice i SET amount = 1 FROM users u WHERE u.id = i.user_id AND i.tenant_id = $1;
-- l pinned, i pinned
UPDATE line l SET text = 'x' FROM invoice i WHERE i.id = l.invoice_id AND i.tenant_id = $1;
-- l unpinned, i pinned
UPDATE line l SET text = 'x' FROM invoice i WHERE i.tenant_id = $1;
-- invoice pinned, j pinned
UPDATE invoice SET amount = (SELECT max(j.amount) FROM invoice j WHERE j.tenant_id = invoice.tenant_id) WHERE tenant_id = $1;
-- invoice pinned, j unpinned
UPDATE invoice SET amount = (SELECT max(j.amount) FROM invoice j) WHERE tenant_id = $1;
-- invoice pinned, invoice pinned
UPDATE invoice SET amount = 2 WHERE id IN (SELECT id FROM invoice WHERE tenant_id = $1 ORDER BY number LIMIT 1);
-- invoice pinned
DELETE FROM invoice WHERE tenant_id = $1;
-- line unpinned
DELETE FROM line;
-- l pinned, i pinned
DELETE FROM line l USING invoice i WHERE i.id = l.invoice_id AND i.tenant_id = $1;
-- invoice pinned
DELETE FROM invoice WHERE tenant_id = $1 AND number > 2 RETURNING *;
-- invoice pinned, line pinned
WITH d AS (UPDATE invoice SET amount = 3 WHERE tenant_id = $1 RETURNING id) SELECT * FROM line WHERE invoice_id IN (SELECT id FROM d);
-- counter pinned
INSERT INTO counter (tenant_id, name) VALUES ($1, 'new');
-- counter unpinned
INSERT INTO counter (tenant_id, name) SELECT md5(c.currency)::uuid, code FROM country c;
-- counter pinned list
INSERT INTO counter (tenant_id, name) VALUES ($1, 'p'), ($2, 'q');
-- counter pinned, users pinned
INSERT INTO counter (tenant_id, name) SELECT tenant_id, email FROM users WHERE tenant_id = $1;
-- counter unpinned, users unpinned
INSERT INTO counter (tenant_id, name) SELECT tenant_id, email FROM users;
-- counter pinned, users unpinned
INSERT INTO counter (tenant_id, name) SELECT $1, email FROM users ON CONFLICT DO NOTHING;
-- template unpinned
INSERT INTO template (id, name) VALUES (900, 'x');
-- audit pinned
INSERT INTO audit (id, what) VALUES (900, 'x');
-- line pinned, invoice pinned
INSERT INTO line (invoice_id, pos, text) SELECT id, 77, 'x' FROM invoice WHERE tenant_id = $1;
-- line unpinned by invoice_id
INSERT INTO line (invoice_id, pos) VALUES ('00000000-0000-0000-0002-00000000001a', 78);
-- c pinned, c pinned
INSERT INTO counter AS c (tenant_id, name) VALUES ($1, 'hits') ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1;
-- invoice pinned, invoice pinned
INSERT INTO invoice (id, tenant_id, number) VALUES ($2, $1, 900) ON CONFLICT (id) DO UPDATE SET amount = 5 WHERE invoice.tenant_id = excluded.tenant_id;
-- invoice pinned, invoice unpinned by id
INSERT INTO invoice (id, tenant_id, number) VALUES ('00000000-0000-0000-0002-00000000001b', $1, 901) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount;
-- tenant pinned
INSERT INTO tenant (id, slug) VALUES ($2, 'new');
-- t unpinned tied, s pinned
MERGE INTO invoice t USING (SELECT * FROM users s WHERE s.tenant_id = $1) s ON t.user_id = s.id AND t.status = 'open' WHEN MATCHED THEN UPDATE SET amount = 9;
-- t pinned, s pinned
MERGE INTO invoice t USING users s ON t.user_id = s.id AND t.tenant_id = s.tenant_id AND s.tenant_id = $1 WHEN MATCHED THEN UPDATE SET amount = 9;
-- t pinned, s pinned
MERGE INTO invoice t USING users s ON t.user_id = s.id WHEN MATCHED AND t.tenant_id = $1 AND s.tenant_id = $1 THEN DELETE;
-- c pinned, c pinned, s pinned
MERGE INTO counter c USING (SELECT tenant_id, email FROM users s WHERE s.tenant_id = $1) s ON c.tenant_id = s.tenant_id AND c.name = s.email
WHEN MATCHED THEN UPDATE SET value = 1 WHEN NOT MATCHED THEN INSERT (tenant_id, name) VALUES (s.tenant_id, s.email);
-- c pinned, c unpinned, s unpinned
MERGE INTO counter c USING users s ON c.tenant_id = s.tenant_id AND c.name = s.email AND c.tenant_id = $1
WHEN MATCHED THEN UPDATE SET value = 1 WHEN NOT MATCHED THEN INSERT (tenant_id, name) VALUES (s.tenant_id, s.email);
-- t pinned, s pinned, u unpinned
MERGE INTO invoice t USING users s ON t.user_id = s.id AND t.tenant_id = $1 AND s.tenant_id = $1
WHEN MATCHED AND EXISTS (SELECT 1 FROM users u WHERE u.email = 'zz') THEN DO NOTHING WHEN MATCHED THEN UPDATE SET amount = 9;
-- payment unpinned
WITH d AS (DELETE FROM payment RETURNING id) SELECT * FROM d WHERE false;
-- invoice unpinned
TRUNCATE invoice CASCADE;

--- Found by random statements: verdicts that were once pinned.

-- u unpinned
SELECT count(*), (SELECT max(u.email) FROM users u) FROM country WHERE false;
-- template unpinned
SELECT * FROM template WHERE NULLIF(tenant_id, '00000000-0000-0000-0000-00000000000b') IS NULL;
-- invoice unpinned open
SELECT * FROM invoice WHERE COALESCE(NULLIF(tenant_id, '00000000-0000-0000-0000-00000000000b'), $1) = $1;
-- u unpinned
SELECT * FROM country WHERE COALESCE(EXISTS (SELECT 1 FROM users u WHERE u.email = 'zz') AND NULL, true);
-- x unpinned, a unpinned, b pinned
SELECT x.id FROM invoice x, LATERAL (SELECT a.number FROM invoice a WHERE a.tenant_id = x.tenant_id INTERSECT SELECT b.number FROM invoice b WHERE b.tenant_id = $1) s;
-- x unpinned, y pinned
SELECT * FROM invoice x WHERE EXISTS (SELECT 1 FROM tenant y WHERE y.id = x.tenant_id AND y.id = $1) = false;
-- x unpinned, y pinned
SELECT * FROM invoice x WHERE EXISTS (SELECT 1 FROM tenant y WHERE y.id = x.tenant_id AND y.id = $1 ORDER BY count(*));
-- x unpinned, y pinned
SELECT * FROM invoice x WHERE EXISTS (SELECT 1 FROM tenant y WHERE y.id = x.tenant_id AND y.id = $1 HAVING true);
-- x unpinned, y pinned
SELECT * FROM invoice x WHERE EXISTS (SELECT (SELECT count(y.slug)) FROM tenant y WHERE y.id = x.tenant_id AND y.id = $1);
-- i unpinned
SELECT * FROM (SELECT DISTINCT ON (tenant_id) i.status AS tenant_id, i.tenant_id AS t, i.number FROM invoice i ORDER BY tenant_id, i.number) w WHERE w.t = $1;
-- i unpinned
SELECT * FROM (SELECT i.tenant_id AS t, rank() OVER (PARTITION BY 1 ORDER BY i.number) AS r FROM invoice i) w WHERE w.t = $1;
-- invoice unpinned
SELECT * FROM invoice WHERE 1::bool = 2::bool;
-- template pinned, t pinned, x unpinned
INSERT INTO template (id, tenant_id, name) SELECT 900 + x.amount, (SELECT t.id FROM tenant t WHERE t.id = x.tenant_id AND t.id = $1), 'n' || x.amount FROM invoice x;
-- template pinned or null, x unpinned
INSERT INTO template (id, tenant_id, name) SELECT 900 + x.amount, CASE WHEN x.tenant_id = $1 THEN x.tenant_id END, 'n' || x.amount FROM invoice x;
-- template unpinned
SELECT * FROM template WHERE (SELECT template.tenant_id WHERE template.name = 'global') IS NULL;
-- l unpinned tied, m pinned
SELECT l.what FROM log l JOIN log m ON m.id = l.id WHERE m.tenant_id = $1;
-- undecided function-text
SELECT query_to_xml('SELECT * FROM invoice', true, true, '')::text;
-- undecided function-text
SELECT * FROM ts_stat('SELECT to_tsvector(email) FROM users');
-- newest_of_all unpinned
SELECT * FROM newest_of_all() f WHERE f.tenant_id = $1;

--- Statements around statements.

-- invoice unpinned
COPY invoice TO STDOUT;
-- invoice pinned
COPY (SELECT * FROM invoice WHERE tenant_id = '00000000-0000-0000-0000-00000000000a') TO STDOUT;
-- invoice undecided
COPY invoice FROM STDIN;
-- invoice pinned
PREPARE q AS SELECT * FROM invoice WHERE tenant_id = $1;
-- invoice unpinned
DECLARE c CURSOR FOR SELECT * FROM invoice;
-- invoice unpinned
EXPLAIN SELECT * FROM invoice;
-- invoice pinned
CREATE TABLE copy AS SELECT * FROM invoice WHERE tenant_id = '00000000-0000-0000-0000-00000000000a';
-- undecided do-block
DO $$ BEGIN NULL; END $$;
