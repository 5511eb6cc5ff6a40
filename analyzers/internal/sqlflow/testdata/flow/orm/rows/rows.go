// Package rows holds the rows of tables, and ways to confine them.
package rows

import "gorm.io/gorm"

// Invoice is a row of billing.invoice.
type Invoice struct {
	Number   int    `gorm:"primaryKey;column:no"`
	TenantID string `gorm:"column:tenant"`
	Status   string
}

// TableName names the table.
func (Invoice) TableName() string { return "billing.invoice" }

// APIKey is a row of api_keys.
type APIKey struct {
	gorm.Model
	TenantID, UserID string
}

// Category is a row of categories.
type Category struct{ ID string }

var handle *gorm.DB

// Handle gives the handle.
func Handle() *gorm.DB { return handle }

// Of confines a chain to a tenant.
func Of(db *gorm.DB, tenant string) *gorm.DB { return db.Where("tenant_id = ?", tenant) }
