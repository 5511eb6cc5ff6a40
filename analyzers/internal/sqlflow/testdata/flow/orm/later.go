package orm

import (
	"gorm.io/gorm"

	"example.com/flow/orm/rows"
)

// What go and defer call runs the chain as well.
func (s *store) later(id string, keys []rows.APIKey) {
	go s.db.Where("tenant_id = ?", id).Find(&keys)                 // want `SELECT \* FROM api_keys WHERE \(tenant_id = \?\)$`
	go s.db.Find(&keys)                                            // want `SELECT \* FROM api_keys$`
	go s.db.Exec("DELETE FROM users")                              // want `handle: DELETE FROM users$`
	defer s.db.Where("a = 1").Delete(&rows.APIKey{})               // want `DELETE FROM api_keys WHERE \(a = 1\)$`
	defer s.db.Model(&rows.APIKey{}).Where("a = 1").Update("b", 1) // want `UPDATE api_keys SET b = \? WHERE \(a = 1\)$`
	go s.db.Transaction(func(given *gorm.DB) error {
		return given.Where("c = 3").Find(&keys).Error // want `FROM api_keys WHERE \(c = 3\)$`
	})
	lost := s.db.Where("a = 2")
	go lost.Where("tenant_id = ?", id)
	lost.Find(&keys) // want `FROM api_keys WHERE \(a = 2\) \{value\}$`
}
