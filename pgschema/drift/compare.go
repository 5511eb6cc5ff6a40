package drift

import (
	"cmp"
	"slices"
	"strings"
)

// Difference is one object that some members have otherwise than most, or lack, or have alone.
type Difference struct {
	Object
	// Odd are the names of the members that differ from the others, in order.
	Odd []string `json:"odd"`
	// Found is the object's definition there, nil where it is missing.
	Found []string `json:"found,omitempty"`
	// Usual is the definition that most have, nil where they lack the object.
	Usual []string `json:"usual,omitempty"`
	// Others are how many members have the usual definition.
	Others int `json:"others"`
	// Tied says that no majority tells which side is odd; Usual is then that of Against.
	Tied bool `json:"tied,omitempty"`
	// Against is a member with the usual definition.
	Against string `json:"against"`
}

// Changes returns the lines of the two definitions that differ, for an object that both sides have.
func (d *Difference) Changes() (found, usual []string) {
	for i, line := range d.Found {
		if i < len(d.Usual) && d.Usual[i] != line {
			found, usual = append(found, line), append(usual, d.Usual[i])
		}
	}
	return found, usual
}

// variant is the members that have the same inventory.
type variant struct {
	members []Member
	items   map[Object][]string
	tables  map[string]bool
	// named are the names of what has parts; nil until they are asked for.
	named map[string]bool
}

// variants groups the members by inventory, the most frequent first.
func (s *Set) variants() []*variant {
	byDigest := map[string]*variant{}
	var all []*variant
	for _, m := range s.Members {
		key := string(m.Scale) + m.Digest
		v := byDigest[key]
		if v == nil {
			v = &variant{items: make(map[Object][]string, len(s.Inventories[m.Digest])), tables: map[string]bool{}}
			for _, item := range s.Inventories[m.Digest] {
				v.items[item.Object] = item.Definition
				if item.Kind == kindTable || item.Kind == "view" {
					v.tables[item.Name] = true
				}
			}
			byDigest[key] = v
			all = append(all, v)
		}
		v.members = append(v.members, m)
	}
	for _, v := range all {
		slices.SortFunc(v.members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	}
	slices.SortFunc(all, func(a, b *variant) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), strings.Compare(a.members[0].Name, b.members[0].Name),
			strings.Compare(a.members[0].Digest, b.members[0].Digest))
	})
	return all
}

// Templates divides the members into those that are meant to be the same: of one scale, with at least
// half of their tables in common. They come in order of size.
func (s *Set) Templates() []*Set {
	var leads []*variant
	var sets []*Set
	for _, v := range s.variants() {
		i := slices.IndexFunc(leads, func(lead *variant) bool { return lead.alike(v) })
		if i < 0 {
			i = len(leads)
			leads, sets = append(leads, v), append(sets, &Set{Inventories: s.Inventories})
		}
		sets[i].Members = append(sets[i].Members, v.members...)
	}
	return sets
}

func (v *variant) alike(w *variant) bool {
	if v.members[0].Scale != w.members[0].Scale {
		return false
	}
	same := 0
	for name := range w.tables {
		if v.tables[name] {
			same++
		}
	}
	return 2*same >= max(len(v.tables), len(w.tables))
}

// Compare returns what differs between the members, in order of the objects. Names of constraints and
// indexes alone do not count, nor whether a partition or a sequence exists, which data decides.
func (s *Set) Compare() []Difference {
	variants := s.variants()
	if len(variants) < 2 {
		return nil
	}
	takeAtTheirWord(variants)
	shareOwnRoles(variants)
	shareOwnSettings(variants)
	c := &vote{variants: variants}
	var found []Difference
	for _, o := range c.objects() {
		found = append(found, c.compare(o)...)
	}
	return withoutRenamed(found)
}

// vote is a comparison on its way.
type vote struct{ variants []*variant }

// objects lists all objects of all variants in order.
func (c *vote) objects() []Object {
	seen := map[Object]bool{}
	var all []Object
	for _, v := range c.variants {
		for o := range v.items {
			if !seen[o] {
				seen[o] = true
				all = append(all, o)
			}
		}
	}
	slices.SortFunc(all, Object.compare)
	return all
}

// side is the members with one definition of an object; nil when they lack it.
type side struct {
	definition []string
	members    []string
}

// compare lets the variants vote on an object. Only those that have what it is a part of have a voice.
func (c *vote) compare(o Object) []Difference {
	var sides []*side
	total := 0
	for _, v := range c.variants {
		definition, has := v.items[o]
		switch {
		case !has && (o.Kind == kindPartition || o.Kind == kindSequence):
			continue
		case !has && o.Relation != "" && !v.has(o.Relation):
			continue
		}
		if has && definition == nil {
			definition = []string{}
		}
		i := slices.IndexFunc(sides, func(s *side) bool { return (s.definition == nil) == !has && slices.Equal(s.definition, definition) })
		if i < 0 {
			i = len(sides)
			sides = append(sides, &side{definition: definition})
		}
		for _, m := range v.members {
			sides[i].members = append(sides[i].members, m.Name)
		}
		total += len(v.members)
	}
	if len(sides) < 2 || c.foreign(o) {
		return nil
	}
	for _, s := range sides {
		slices.Sort(s.members)
	}
	slices.SortStableFunc(sides, func(a, b *side) int {
		return cmp.Or(cmp.Compare(len(b.members), len(a.members)), strings.Compare(a.members[0], b.members[0]))
	})
	usual := sides[0]
	var found []Difference
	for _, odd := range sides[1:] {
		found = append(found, Difference{
			Object: o, Odd: odd.members, Found: odd.definition, Usual: usual.definition, Others: len(usual.members),
			Tied: len(odd.members) == len(usual.members), Against: usual.members[0],
		})
	}
	return found
}

// foreign reports whether an object is a part of something that most members lack: that is said once.
func (c *vote) foreign(o Object) bool {
	if o.Relation == "" {
		return false
	}
	with, without := 0, 0
	for _, v := range c.variants {
		if v.has(o.Relation) {
			with += len(v.members)
		} else {
			without += len(v.members)
		}
	}
	return without > with
}

// has reports whether a variant has a relation, function or type of that name.
func (v *variant) has(name string) bool {
	if v.tables[name] || name == tenant || strings.HasPrefix(name, future) {
		return true
	}
	if v.named == nil {
		v.named = map[string]bool{}
		for o := range v.items {
			if o.Relation == "" && o.Kind != kindGrant {
				v.named[o.Name] = true
			}
		}
	}
	return v.named[name]
}

// takeAtTheirWord undoes the placeholder where a member's own name happens to be part of a name that all
// use: the role app_user is no role of the tenant app.
func takeAtTheirWord(variants []*variant) {
	holders := map[string]int{} // of an object with its definition
	for _, v := range variants {
		for o, definition := range v.items {
			holders[whole(o, definition)]++
		}
	}
	for _, v := range variants {
		own := v.members[0].Own
		if own == "" || slices.ContainsFunc(v.members, func(m Member) bool { return m.Own != own }) {
			continue
		}
		for o, definition := range v.items {
			key := whole(o, definition)
			if !strings.Contains(key, tenant) || holders[key] > 1 || holders[withOwn(key, own)] == 0 {
				continue
			}
			delete(v.items, o)
			v.items[Object{o.Kind, withOwn(o.Relation, own), withOwn(o.Name, own)}] = withOwns(definition, own)
		}
	}
}

// whole writes an object with its definition.
func whole(o Object, definition []string) string {
	return strings.Join(append([]string{o.Kind, o.Relation, o.Name}, definition...), "\x00")
}

// withoutRenamed drops the pairs of a missing and an additional index or constraint with one definition.
func withoutRenamed(all []Difference) []Difference {
	type key struct{ kind, relation, definition, odd string }
	keyOf := func(d *Difference, definition []string) key {
		return key{d.Kind, d.Relation, strings.Join(definition, "\n"), strings.Join(d.Odd, "\n")}
	}
	missing, additional := map[key]bool{}, map[key]bool{}
	for i := range all {
		switch d := &all[i]; {
		case d.Kind != "index" && d.Kind != "constraint":
		case d.Found == nil:
			missing[keyOf(d, d.Usual)] = true
		case d.Usual == nil:
			additional[keyOf(d, d.Found)] = true
		}
	}
	return slices.DeleteFunc(all, func(d Difference) bool {
		return d.Found == nil && additional[keyOf(&d, d.Usual)] || d.Usual == nil && missing[keyOf(&d, d.Found)]
	})
}

// WithoutGrants returns the set without privileges, for sources that leave them to others.
func (s *Set) WithoutGrants() *Set {
	bare := &Set{Members: s.Members, Inventories: map[string][]Item{}}
	for digest, items := range s.Inventories {
		bare.Inventories[digest] = slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.Kind == kindGrant })
	}
	return bare
}

// Grants reports whether each member grants anything to a role.
func (s *Set) Grants() bool {
	for _, items := range s.Inventories {
		if !slices.ContainsFunc(items, func(i Item) bool { return i.Kind == kindGrant && i.Name != "public" }) {
			return false
		}
	}
	return true
}

// Scale returns what the members are.
func (s *Set) Scale() Scale {
	if len(s.Members) == 0 {
		return OneDatabase
	}
	return s.Members[0].Scale
}

// Own returns the name that stands for a member in its inventory.
func (s *Set) Own(member string) string {
	for _, m := range s.Members {
		if m.Name == member {
			return m.Own
		}
	}
	return ""
}

// For writes a difference with the name of one member in place of what stands for every member's own.
func (d Difference) For(own string) Difference {
	if own == "" {
		return d
	}
	d.Object = Object{d.Kind, withOwn(d.Relation, own), withOwn(d.Name, own)}
	d.Found, d.Usual = withOwns(d.Found, own), withOwns(d.Usual, own)
	return d
}

func withOwns(lines []string, own string) []string {
	if lines == nil {
		return nil
	}
	written := make([]string, len(lines))
	for i, line := range lines {
		written[i] = withOwn(line, own)
	}
	return written
}
