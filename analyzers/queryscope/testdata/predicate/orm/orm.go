// Package orm reads and writes rows with gorm.
package orm

import (
	"context"

	"gorm.io/gorm"
)

// Invoice is a row of invoice.
type Invoice struct {
	ID       string
	TenantID string
	Status   string
}

// TableName names the table.
func (*Invoice) TableName() string { return "invoice" }

// Repo reads and writes invoices.
type Repo struct{ db *gorm.DB }

func (r *Repo) open(ctx context.Context, tenant string) (found []Invoice, err error) {
	err = r.db.WithContext(ctx).Where("tenant_id = ? AND status = ?", tenant, "open").Find(&found).Error
	return found, err
}

func (r *Repo) every(ctx context.Context) (found []Invoice, err error) {
	err = r.db.WithContext(ctx).Where("status = ?", "open").Find(&found).Error // want "query-unscoped"
	return found, err
}

func (r *Repo) orTenant(tenant string) (found []Invoice) {
	r.db.Where("status = ?", "open").Or("tenant_id = ?", tenant).Find(&found) // want "query-unscoped"
	return found
}

func (r *Repo) anyTenant(tenant string) (found []Invoice) {
	r.db.Where("? = '' OR tenant_id = ?", tenant, tenant).Find(&found) // want "predicate-fails-open"
	return found
}

func (r *Repo) sub(tenant string) (found []Invoice) {
	r.db.Where("tenant_id = ? AND id IN (?)", tenant, r.db.Table("payment").Select("invoice_id").Where("amount > 0")).Find(&found)
	return found
}

func (r *Repo) move(tenant, to string) {
	r.db.Model(&Invoice{}).Where("tenant_id = ?", tenant).Update("tenant_id", to) // want "update-moves-tenant"
}

func (r *Repo) remove(tenant, id string) error {
	return r.db.Delete(&Invoice{}, "id = ?", id).Error // want "tenant-unused"
}

func (r *Repo) get(tenant, id string) (*Invoice, error) {
	var found Invoice
	if err := r.scoped(tenant).First(&found, "id = ?", id).Error; err != nil {
		return nil, err
	}
	found.Status = "paid"
	return &found, r.db.Save(&found).Error
}

func (r *Repo) scoped(tenant string) *gorm.DB { return r.db.Where("tenant_id = ?", tenant) }

func (r *Repo) given(query *gorm.DB) (found []Invoice) {
	query.Find(&found)
	return found
}
