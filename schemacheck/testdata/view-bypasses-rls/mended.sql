ALTER VIEW invoice_list SET (security_invoker = on);
ALTER VIEW my_orders SET (check_option = local);
