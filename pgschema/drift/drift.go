// Package drift finds where schemas differ that are meant to be the same: those of the tenants of one
// database, databases of one template, or what migrations build and what a server has.
//
// Each schema becomes an inventory, whose digest tells at once whether two are the same. Only
// inventories that differ are looked at, object by object, and the majority says which of them is odd.
package drift

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Object is something that a schema may have and another one lack.
type Object struct {
	// Kind is "table", "column", "policy", "grant" and so on.
	Kind string `json:"kind"`
	// Relation is what a column, index, policy, trigger … is a part of; it is empty for other objects.
	Relation string `json:"relation,omitempty"`
	Name     string `json:"name"`
}

func (o Object) String() string {
	switch {
	case o.Kind == kindColumn:
		return "column " + o.Relation + "." + o.Name
	case o.Kind == kindGrant && o.Relation == "":
		return "grant to " + o.Name
	case o.Kind == kindGrant:
		return "grant to " + o.Name + " on " + o.Relation
	case o.Relation != "":
		return o.Kind + " " + o.Name + " on " + o.Relation
	}
	return o.Kind + " " + o.Name
}

func (o Object) compare(p Object) int {
	return cmp.Or(cmp.Compare(o.Relation, p.Relation), cmp.Compare(o.Kind, p.Kind), cmp.Compare(o.Name, p.Name))
}

// Kinds of objects that other files name.
const (
	kindSchema    = "schema"
	kindTable     = "table"
	kindPartition = "partition"
	kindSequence  = "sequence"
	kindColumn    = "column"
	kindPolicy    = "policy"
	kindGrant     = "grant"
	kindSetting   = "setting"
)

// Item is an object with its definition: one property a line, the same properties in the same order
// for every object of a kind.
type Item struct {
	Object
	Definition []string `json:"definition"`
}

// Member is one of the schemas that are compared.
type Member struct {
	// Name is what readers know it by, such as "tenant_7" or "db1/app".
	Name string `json:"name"`
	// Own is the name that stands for the tenant in the names of roles and, for a tenant's schema, in
	// expressions; empty when there is none.
	Own string `json:"own,omitempty"`
	// Digest identifies the member's inventory.
	Digest string `json:"digest"`
	// Scale is what members are compared within: those of different scales never are.
	Scale Scale `json:"scale"`
}

// Scale says what a member is.
type Scale string

const (
	// OneSchema members are PostgreSQL schemas.
	OneSchema Scale = "schema"
	// OneDatabase members are databases, without the schemas that are members themselves.
	OneDatabase Scale = "database"
)

// Set is schemas to compare. It can be written as JSON and put together from parts, so that a fleet
// can be read on several machines.
type Set struct {
	Members []Member `json:"members"`
	// Inventories holds each distinct inventory once, by its digest.
	Inventories map[string][]Item `json:"inventories"`
}

// Merge puts sets together. A member that several sets hold is taken once.
func Merge(sets ...*Set) *Set {
	all := &Set{Inventories: map[string][]Item{}}
	for _, s := range sets {
		if s == nil {
			continue
		}
		all.Members = append(all.Members, s.Members...)
		maps.Copy(all.Inventories, s.Inventories)
	}
	slices.SortFunc(all.Members, func(a, b Member) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Scale), string(b.Scale)), strings.Compare(a.Digest, b.Digest))
	})
	all.Members = slices.Compact(all.Members)
	return all
}
