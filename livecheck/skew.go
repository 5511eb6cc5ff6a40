package livecheck

// Skew says how unevenly the tenants of a database share it, as far as the server's statistics know.
type Skew struct {
	// Tenants are the tenants over all tables, the largest first.
	Tenants []TenantShare `json:"tenants"`
	Tables  []TableSkew   `json:"tables"`
}

// TenantShare is what one tenant has of a table or of a database. Rows and Bytes are estimates.
type TenantShare struct {
	Tenant string `json:"tenant"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	// Share is the part of all rows that are the tenant's, between 0 and 1.
	Share float64 `json:"share"`
}

// TableSkew is how the tenants share one table, the largest first.
type TableSkew struct {
	Table   string        `json:"table"`
	Rows    int64         `json:"rows"`
	Bytes   int64         `json:"bytes"`
	Tenants []TenantShare `json:"tenants"`
}
