package livecheck

// Skew is how unevenly tenants take the rows and the space of a database. All of it comes from what
// ANALYZE and VACUUM noted (PostgreSQL manual, 14.2 and 52.27); nothing is scanned.
type Skew struct {
	// Tenants are those that the statistics name, over all tables, most bytes first.
	Tenants []TenantShare `json:"tenants,omitempty"`
	// Tables are the tables of tenants, most bytes first. Where each tenant has a schema or a
	// database of its own there are none: Tenants is exact then.
	Tables []TableSkew `json:"tables,omitempty"`
	// Rows and Bytes are the sums over all tables of tenants.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	// Unknown says, a sentence each, what the statistics cannot tell and what would.
	Unknown []string `json:"unknown,omitempty"`
}

// TenantShare is what one tenant takes of a table, or of the database.
type TenantShare struct {
	Tenant string `json:"tenant"`
	Rows   int64  `json:"rows"`
	// Bytes counts table, indexes and TOAST. In a shared table they are divided by rows, so a tenant
	// whose rows are wider than the others' takes more.
	Bytes int64 `json:"bytes"`
	// Share is the part of all rows, ByteShare of all bytes and TimeShare of all time on statements;
	// each is between 0 and 1.
	Share     float64 `json:"share"`
	ByteShare float64 `json:"byte_share"`
	// Milliseconds is the time of its statements, known only where it has a role or a database of its own.
	Milliseconds float64 `json:"total_ms,omitempty"`
	TimeShare    float64 `json:"time_share,omitempty"`
}

// TableSkew is how the tenants share one table. A partitioned table stands for its partitions.
type TableSkew struct {
	Table  string `json:"table"` // schema.table
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	// Tenants are those that the statistics name, most rows first, out of an estimated number, which
	// is 0 when it is not known.
	Tenants []TenantShare `json:"tenants,omitempty"`
	Number  int64         `json:"number,omitempty"`
	// Partitioned says that the tenant is part of the partition key.
	Partitioned bool `json:"partitioned,omitempty"`
	// Unknown says why there are no shares; empty when there are.
	Unknown string `json:"unknown,omitempty"`
}
