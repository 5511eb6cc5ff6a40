package app

import "database/sql"

func matched(db *sql.DB) {
	//tenantvet:ignore query-unscoped nightly figures
	db.Exec("UPDATE invoices SET id = id")
}

func unused(db *sql.DB) {
	/* want `suppression-unused: tenantvet:ignore query-unscoped matches no finding` */ //tenantvet:ignore query-unscoped nightly figures
	db.Ping()
}

// Directives about several rules are judged rule by rule.
func several(db *sql.DB) {
	/* want `suppression-unused: tenantvet:ignore rls-disabled matches` */ //tenantvet:ignore query-unscoped,rls-disabled nightly figures
	db.Exec("UPDATE invoices SET id = id")
}

func withoutReason(db *sql.DB) {
	/* want `suppression-without-reason: tenantvet:ignore query-unscoped has no effect` */ //tenantvet:ignore query-unscoped
	db.Ping()
}

func unknown(db *sql.DB) {
	/* want `suppression-unknown-rule: no rule is named "query-unscope": did you mean query-unscoped` */ //tenantvet:ignore query-unscope nightly
	db.Ping()
}

func mistyped(db *sql.DB) {
	/* want `suppression-unknown-rule: "tenantvet:ingore" is no directive` */ //tenantvet:ingore query-unscoped nightly
	db.Ping()
}

func declared(db *sql.DB) {
	/* want `suppression-without-reason: tenantvet:cross-tenant has no effect` */ //tenantvet:cross-tenant
	db.Ping()
}
