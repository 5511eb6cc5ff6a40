package orm

import "gorm.io/gorm"

// Bill is an invoice with what belongs to it.
type Bill struct {
	ID       string
	TenantID string
	Status   string
	Payments []Payment `gorm:"foreignKey:InvoiceID"`
	Lines    []Line    `gorm:"foreignKey:InvoiceID"`
}

// TableName names the table.
func (*Bill) TableName() string { return "invoice" }

// Payment is a row of payment.
type Payment struct {
	ID, TenantID, InvoiceID string
	Invoice                 *Bill
	Amount                  int
}

// TableName names the table.
func (*Payment) TableName() string { return "payment" }

// Line is a row of line, which is its invoice's tenant's.
type Line struct{ ID, InvoiceID string }

// TableName names the table.
func (*Line) TableName() string { return "line" }

// What is read besides is found by key: a hint, unless it is confined.
func (r *Repo) associations(tenant, name string) (found []Bill, paid []Payment) {
	r.db.Where("tenant_id = ?", tenant).Preload("Payments").Find(&found)
	r.db.Where("tenant_id = ?", tenant).Preload("Payments", "tenant_id = ?", tenant).Find(&found)
	r.db.Where("tenant_id = ?", tenant).Preload("Payments", func(db *gorm.DB) *gorm.DB { return db.Where("tenant_id = ?", tenant) }).Find(&found)
	r.db.Where("tenant_id = ?", tenant).Preload("Lines").Find(&found)
	r.db.Where("tenant_id = ?", tenant).Joins("Invoice").Find(&paid)
	r.db.Where("tenant_id = ?", tenant).Preload(name).Find(&found)
	r.db.Preload("Lines").Find(&found) // want "query-unscoped"
	return found, paid
}

// A row without its tenant is a hint, as a callback of gorm may set it.
func (r *Repo) writes(tenant, id string) {
	r.db.Create(&Payment{InvoiceID: id, Amount: 1})
	r.db.Create(&Payment{TenantID: tenant, InvoiceID: id, Amount: 1})
}

func (r *Repo) overwrites(tenant, id string) {
	r.db.Save(&Payment{ID: id, Amount: 1}) // want "tenant-unused"
}

func (r *Repo) overwritesOwn(tenant, id string) {
	r.db.Where("tenant_id = ?", tenant).Save(&Payment{ID: id, TenantID: tenant, Amount: 1})
}
