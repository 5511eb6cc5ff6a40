package orm

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type Customer struct {
	ID       string
	TenantID string
	Name     string
}

type Product struct {
	Code string `gorm:"primaryKey"`
}

type Line struct {
	ID      uint
	OrderID string
	Code    string
	Product *Product `gorm:"foreignKey:Code;references:Code"`
}

type Note struct {
	ID        uint
	OwnerID   string
	OwnerType string
}

type Tag struct{ gorm.Model }

type Owned struct {
	TenantID   string
	CustomerID string `gorm:"column:customer"`
}

// Node embeds itself.
type Node struct {
	*Node
	ID     string
	NodeID string
	Nodes  []Node
}

type Order struct {
	ID       string
	Owned    `gorm:"embedded"`
	Customer *Customer
	Lines    []Line
	Open     []*Line `gorm:"foreignKey:OrderID"`
	Notes    []Note  `gorm:"polymorphic:Owner"`
	Tags     []Tag   `gorm:"many2many:order_tags"`
	Nowhere  []Customer
	Status   string
}

// What Preload and Joins of an association read besides is found by the keys of the rows of the chain.
func (s *store) associated(id string, names []string, lines bool, scope func(*gorm.DB) *gorm.DB) {
	var orders []Order
	s.db.Where("tenant_id = ?", id).Preload("Lines").Find(&orders)                                 // want `SELECT \* FROM lines WHERE order_id IN \(SELECT id FROM orders WHERE \(tenant_id = \?\)\)$` `SELECT \* FROM orders WHERE \(tenant_id = \?\)$`
	s.db.Preload("Customer").Find(&orders)                                                         // want `SELECT \* FROM customers WHERE id IN \(SELECT customer FROM orders\)$` `SELECT \* FROM orders$`
	s.db.Preload("Lines.Product").Find(&orders)                                                    // want `FROM lines WHERE order_id IN \(SELECT id FROM orders\)$` `FROM products WHERE code IN \(SELECT code FROM lines WHERE order_id IN \(SELECT id FROM orders\)\)$` `FROM orders$`
	s.db.Preload("Open", "code = ?", "x").First(&orders)                                           // want `FROM lines WHERE order_id IN \(SELECT id FROM orders\) AND \(code = \?\)$` `FROM orders$`
	s.db.Preload("Notes").Take(&orders)                                                            // want `FROM notes WHERE owner_id IN \(SELECT id FROM orders\)$` `FROM orders$`
	s.db.Preload("Tags").Last(&orders)                                                             // want `FROM tags WHERE id IN \(SELECT tag_id FROM order_tags WHERE order_id IN \(SELECT id FROM orders\)\)$` `FROM orders$`
	s.db.Joins("Customer").Where("status = 1").Find(&orders)                                       // want `FROM customers WHERE id IN \(SELECT customer FROM orders WHERE \(status = 1\)\)$` `FROM orders WHERE \(status = 1\)$`
	s.db.Preload("Customer", of(id)).Find(&orders)                                                 // want `FROM customers WHERE id IN \(SELECT customer FROM orders\) AND \(tenant_id = \?\)$` `FROM orders$`
	s.db.Preload("Customer", func(db *gorm.DB) *gorm.DB { return db.Order("name") }).Find(&orders) // want `FROM customers WHERE id IN \(SELECT customer FROM orders\)$` `FROM orders$`
	s.db.Preload("Customer", scope).Find(&orders)                                                  // want `FROM customers WHERE id IN \(SELECT customer FROM orders\) \{call\}$` `FROM orders$`
	s.db.Preload("Nowhere").Find(&orders)                                                          // want `SELECT \* FROM \{call\} \{call\}$` `FROM orders$`
	s.db.Preload("Missing").Find(&orders)                                                          // want `SELECT \* FROM \{call\} \{call\}$` `FROM orders$`
	s.db.Preload(clause.Associations).Find(&orders)                                                // want `SELECT \* FROM \{call\} \{call\}$` `FROM orders$`
	s.db.Preload(names[0]).Find(&orders)                                                           // want `SELECT \* FROM \{call\} \{call\}$` `FROM orders$`
	s.db.Preload("Nodes").Find(&[]Node{})                                                          // want `FROM nodes WHERE node_id IN \(SELECT id FROM nodes\)$` `FROM nodes$`
	var n int64
	s.db.Model(&Order{}).Preload("Lines").Count(&n) // want `SELECT count\(\*\) FROM orders$`

	chain := s.db.Where("a = 1")
	if lines {
		chain = chain.Preload("Lines") // want `FROM lines WHERE order_id IN \(SELECT id FROM orders WHERE \(a = 1\)\)$`
	}
	chain.Find(&orders)             // want `FROM orders WHERE \(a = 1\)$`
	s.withLines(s.db).Find(&orders) // want `FROM orders$`
}

func (s *store) withLines(db *gorm.DB) *gorm.DB { return db.Preload("Lines") } // want `FROM lines WHERE order_id IN \(SELECT id FROM orders\)$`
