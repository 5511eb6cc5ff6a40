package app

//tenantvet:ignore query-unscoped tests are not looked at
func helper() {}
