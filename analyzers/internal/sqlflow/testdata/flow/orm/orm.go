// Package orm runs chains of gorm.
package orm

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"example.com/flow/orm/rows"
)

type store struct{ db *gorm.DB }

func (s *store) reads(ctx context.Context, id string, status []string) {
	var keys []rows.APIKey
	s.db.WithContext(ctx).Where("tenant_id = ?", id).Order("id").Limit(5).Find(&keys) // want `handle: SELECT \* FROM api_keys WHERE \(tenant_id = \?\)$`
	s.db.Where("tenant_id", id).Where("user_id IN ?", status).Find(&keys)             // want `FROM api_keys WHERE \(tenant_id = \?\) AND \(user_id IN \(\?\)\)$`
	s.db.Where("a = ?", id).Or("b = ?", id).Where("c = 1").Find(&keys)                // want `WHERE \(a = \?\) OR \(b = \?\) AND \(c = 1\)$`
	s.db.Not("a = ?", id).Find(&keys)                                                 // want `WHERE \(NOT \(a = \?\)\)$`
	s.db.Find(&keys, "tenant_id = ?", id)                                             // want `FROM api_keys WHERE \(tenant_id = \?\)$`
	s.db.Find(&keys)                                                                  // want `SELECT \* FROM api_keys$`
	s.db.Where(map[string]any{"tenant_id": id}).Find(&keys)                           // want `WHERE \(tenant_id = \?\)$`
	s.db.Where(&rows.APIKey{TenantID: id, UserID: ""}).Find(&keys)                    // want `WHERE \(tenant_id = \?\)$`
	s.db.Where(s.db.Where("a = ?", id).Or("b = ?", id)).Find(&keys)                   // want `WHERE \(\(a = \?\) OR \(b = \?\)\)$`

	var invoice rows.Invoice
	s.db.First(&invoice, 10)                                               // want `SELECT \* FROM billing\.invoice WHERE \(no = \?\)$`
	s.db.Where(rows.Invoice{TenantID: id}).First(&rows.Invoice{Number: 1}) // want `FROM billing\.invoice WHERE \(tenant = \?\) AND \(no = \?\)$`
	var n int64
	s.db.Model(&rows.Category{}).Where("id = ?", id).Count(&n)                                                                   // want `SELECT count\(\*\) FROM categories WHERE \(id = \?\)$`
	s.db.Table("api_keys AS k").Joins("JOIN users u ON u.id = k.user_id").Where("u.t = ?", id).Scan(&keys)                       // want `FROM api_keys AS k JOIN users u ON u.id = k.user_id WHERE \(u.t = \?\)$`
	s.db.Joins("Users").Preload("Users").Clauses(clause.Locking{Strength: "UPDATE"}).Where("a = 1").Find(&keys)                  // want `FROM \{call\} \{call\}$` `SELECT \* FROM api_keys WHERE \(a = 1\)$`
	s.db.Clauses(clause.Eq{Column: "tenant_id", Value: id}).Find(&keys)                                                          // want `SELECT \* FROM api_keys \{value\}$`
	s.db.Model(&rows.APIKey{}).Where("user_id IN (?)", s.db.Table("users").Select("id").Where("t = ?", id)).Pluck("id", &status) // want `FROM api_keys WHERE \(user_id IN \(SELECT id FROM users WHERE \(t = \?\)\)\)$`
	s.db.Raw("SELECT id FROM users").Scan(&status)                                                                               // want `handle: SELECT id FROM users$`
}

func (s *store) changes(id string, held *rows.APIKey) {
	s.db.Model(&rows.APIKey{}).Where("user_id = ?", id).Update("tenant_id", id)                  // want `UPDATE api_keys SET tenant_id = \? WHERE \(user_id = \?\)$`
	s.db.Model(&rows.APIKey{}).Where("user_id = ?", id).Updates(map[string]any{"tenant_id": id}) // want `UPDATE api_keys SET tenant_id = \? WHERE \(user_id = \?\)$`
	s.db.Where("user_id = ?", id).Updates(&rows.APIKey{UserID: id})                              // want `UPDATE api_keys SET ctid = ctid WHERE \(user_id = \?\)$`
	s.db.Where("user_id = ?", id).Delete(&rows.APIKey{})                                         // want `DELETE FROM api_keys WHERE \(user_id = \?\)$`
	s.db.Delete(&rows.Invoice{}, "no = ?", id)                                                   // want `DELETE FROM billing.invoice WHERE \(no = \?\)$`
	s.db.Where("tenant_id = ?", id).Delete(held)                                                 // want `DELETE FROM api_keys WHERE \(tenant_id = \?\) AND \(id = \?\)$`
	s.db.Delete(held)
	s.db.Save(held)
	s.db.Create(held)
	s.db.Model(held).Update("user_id", id)
	s.db.Delete(&rows.APIKey{})
}

func (s *store) ways(id string, open bool, names []string, query, tx *gorm.DB, dest any) {
	var keys []rows.APIKey
	chain := s.db.Where("a = 1")
	if open {
		chain = chain.Where("b = 2")
	}
	chain.Find(&keys) // want `FROM api_keys WHERE \(a = 1\) \| SELECT \* FROM api_keys WHERE \(a = 1\) AND \(b = 2\)$`

	tx.Find(&keys)                                              // want `SELECT \* FROM api_keys$`
	query.Find(&keys)                                           // want `SELECT \* FROM api_keys \{parameter\}$`
	s.db.Scopes(of(id)).Find(&keys)                             // want `FROM api_keys WHERE \(tenant_id = \?\)$`
	s.db.Scopes(again(id)).Find(&keys)                          // want `FROM api_keys \{call\}$`
	s.db.Scopes(several(names)...).Find(&keys)                  // want `FROM api_keys \{value\}$`
	rows.Of(s.db, id).Find(&keys)                               // want `FROM api_keys WHERE \(tenant_id = \?\)$`
	rows.Handle().Find(&keys)                                   // want `SELECT \* FROM api_keys$`
	s.at(context.Background()).Find(&keys)                      // want `SELECT \* FROM api_keys$`
	s.db.Where(fmt.Sprintf("%s = ?", names[0]), id).Find(&keys) // want `WHERE \(\{value\} = \?\)$`
	chain.Session(&gorm.Session{NewDB: true}).Find(&keys)       // want `SELECT \* FROM api_keys$`
	s.db.Transaction(func(tx *gorm.DB) error {
		return tx.Where("c = 3").Find(&keys).Error // want `FROM api_keys WHERE \(c = 3\)$`
	})
	lost := s.db.Where("a = 1")
	lost.Where("tenant_id = ?", id)
	lost.Find(&keys)               // want `FROM api_keys WHERE \(a = 1\) \{value\}$`
	s.db.Where("a = 1").Find(dest) // want `SELECT \* FROM \{value\} WHERE \(a = 1\) \{value\}$`
	s.only(s.db.Where("tenant_id = ?", id))
}

func (s *store) at(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

// only is given a chain, whatever its parameter is called.
func (s *store) only(tx *gorm.DB) {
	var keys []rows.APIKey
	tx.Find(&keys) // want `SELECT \* FROM api_keys \{parameter\}$`
}

func of(id string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB { return db.Where("tenant_id = ?", id) }
}

// again ends in itself.
func again(id string) func(*gorm.DB) *gorm.DB {
	if id == "" {
		return again("none")
	}
	return of(id)
}

func several(names []string) (scopes []func(*gorm.DB) *gorm.DB) { return nil }
