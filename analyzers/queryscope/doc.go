// Package queryscope defines an analyzer that reports SQL in Go code which reaches a tenant table
// without the tenant.
//
// # Analyzer queryscope
//
// queryscope: report SQL that reaches a tenant table without the tenant
//
// The analyzer recovers the text of each call that runs SQL - through constants, concatenation,
// formats, builders, chains of GORM, wrappers and packages - and judges it by the statement rules:
//
//	rows, err := pool.Query(ctx, `SELECT id, total FROM invoice WHERE paid = $1`, true) // query-unscoped
//
// is fine when the statement pins the tenant,
//
//	rows, err := pool.Query(ctx, `SELECT id, total FROM invoice WHERE tenant_id = $1 AND paid = $2`, tenantID, true)
//
// or, where the tenancy model relies on row-level security, when it runs on a transaction on which
// the tenant setting was set on every path before it, and the policies of the table confine every
// row to that setting. Wrappers that set the tenant and functions that need a scoped handle are
// inferred across packages.
//
// Its rule tenant-unused reports a function that has a tenant id and runs SQL on a tenant table
// without it.
//
// The analyzer is silent about statements on tables that belong to no tenant, about text it cannot
// recover (counted as undecided when it may reach a tenant table), about tests unless the model asks
// for them, about the Go constants that sqlc generates from a query file (the finding points at that
// file), and about code that the model or a directive
//
//	//tenantvet:cross-tenant nightly rollup over all tenants
//
// on a function or package clause declares as deliberately cross-tenant.
package queryscope
