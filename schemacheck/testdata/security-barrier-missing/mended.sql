ALTER VIEW my_orders SET (security_barrier = true);
DROP VIEW my_notes;
