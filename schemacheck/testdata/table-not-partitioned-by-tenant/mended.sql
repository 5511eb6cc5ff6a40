DROP TABLE lines, visits;
CREATE TABLE lines (
	tenant_id uuid NOT NULL, order_id uuid NOT NULL, position integer NOT NULL, PRIMARY KEY (tenant_id, order_id, position),
	FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
) PARTITION BY LIST (tenant_id);
CREATE TABLE visits (tenant_id uuid NOT NULL, page text NOT NULL) PARTITION BY HASH (tenant_id);
