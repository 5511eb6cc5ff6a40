package orm

import (
	"time"

	"gorm.io/gorm"
)

type Entry struct {
	ID         string
	TenantID   string
	CustomerID string
	Customer   *Customer
	At         time.Time
	Count      int
}

type Hooked struct {
	ID, TenantID string
}

func (h *Hooked) BeforeCreate(tx any) error { return nil }

func fill(any) {}

// A row is judged where it is written if all that it holds is known.
func (s *store) writes(tenant, id string, given *Entry, at time.Time) *Entry {
	s.db.Create(&Entry{ID: id, At: at})                       // want `INSERT INTO entries \(id, at\) VALUES \(\?, \?\)$`
	s.db.Create(&Entry{TenantID: tenant, Count: 0})           // want `INSERT INTO entries \(tenant_id\) VALUES \(\?\)$`
	s.db.Table("log").Create(&Entry{})                        // want `INSERT INTO log DEFAULT VALUES$`
	s.db.Create(&Order{ID: id, Owned: Owned{CustomerID: id}}) // want `INSERT INTO orders \(id, customer\) VALUES \(\?, \?\)$`
	s.db.Create(&Entry{Customer: &Customer{ID: id}})
	s.db.Create(&Hooked{ID: id})
	s.db.Create(given)
	s.db.Create(&[]Entry{{ID: id}})
	go s.db.Create(&Entry{Count: 1}) // want `INSERT INTO entries \(count\) VALUES \(\?\)$`

	var late Entry
	late.ID = id
	if tenant != "" {
		late.TenantID = tenant
	}
	s.db.Create(&late) // want `INSERT INTO entries \(id, tenant_id\) VALUES \(\?, \?\)$`

	var filled Entry
	fill(&filled)
	s.db.Create(&filled)

	kept := &Entry{ID: id}
	s.db.Create(kept) // want `INSERT INTO entries \(id\) VALUES \(\?\)$`
	fill(kept)

	set := &Entry{ID: id}
	tenantOf(&set.TenantID)
	s.db.Create(set)
	return kept
}

func tenantOf(*string) {}

// Save changes the row of its key, whoever has it.
func (s *store) saves(tenant, id string, given *Entry, query *gorm.DB) {
	s.db.Save(&Entry{ID: id, Count: 1})                      // want `UPDATE entries SET ctid = ctid WHERE \(id = \?\)$`
	s.db.Where("tenant_id = ?", tenant).Save(&Entry{ID: id}) // want `UPDATE entries SET ctid = ctid WHERE \(tenant_id = \?\) AND \(id = \?\)$`
	s.db.Save(&Entry{Count: 1})
	s.db.Save(given)
	query.Save(&Entry{ID: id}) // want `UPDATE entries SET ctid = ctid WHERE \(id = \?\) \{parameter\}$`

	var read Entry
	s.db.First(&read, "id = ?", id) // want `SELECT \* FROM entries WHERE \(id = \?\)$`
	read.Count = 2
	s.db.Save(&read)
}
