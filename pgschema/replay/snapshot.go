package replay

import (
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// maxCopies bounds the objects copied for snapshots in one replay, which keeps replay linear in its
// input. Beyond it a block that fails halfway is not undone.
const maxCopies = 5_000_000

// snapshot copies the whole state, so that a block that fails can be undone; nil beyond the bound.
// Trees are shared: what rewrites one copies it first.
func (r *replayer) snapshot() *replayer {
	if r.copies > maxCopies {
		return nil
	}
	c := &copier{seen: map[any]reflect.Value{}}
	s := *r
	s.schema = copied(c, r.schema)
	s.indexes = maps.Clone(r.indexes)
	for name, ref := range s.indexes {
		s.indexes[name] = indexRef{copied(c, ref.rel), copied(c, ref.idx)}
	}
	s.constraints, s.nextDigit, s.extensions = maps.Clone(r.constraints), maps.Clone(r.nextDigit), maps.Clone(r.extensions)
	s.functions = map[pgschema.Name][]*pgschema.Function{}
	for name, list := range r.functions {
		s.functions[name] = copied(c, list)
	}
	s.defaults = map[defaultKey]*defaultACL{}
	for key, acl := range r.defaults {
		s.defaults[key] = &defaultACL{copied(c, acl.grants)}
	}
	s.defaultKeys = slices.Clone(r.defaultKeys)
	s.members = map[membershipKey]*pgschema.Membership{}
	for key, m := range r.members {
		s.members[key] = copied(c, m)
	}
	s.grantors, s.givers = copied(c, r.grantors), copied(c, r.givers)
	s.users = map[any][]user{}
	for target, list := range r.users {
		users := make([]user, len(list))
		for i, u := range list {
			users[i] = user{copied(c, u.rel), copied(c, u.part), copied(c, u.expr)}
		}
		s.users[copied(c, target)] = users
	}
	s.children = map[*pgschema.Relation][]*pgschema.Relation{}
	for parent, list := range r.children {
		s.children[copied(c, parent)] = copied(c, list)
	}
	s.attached = map[*pgschema.Index][]indexRef{}
	for idx, list := range r.attached {
		refs := make([]indexRef, len(list))
		for i, ref := range list {
			refs[i] = indexRef{copied(c, ref.rel), copied(c, ref.idx)}
		}
		s.attached[copied(c, idx)] = refs
	}
	s.owned = copied(c, r.owned)
	s.keyOf = copied(c, r.keyOf)
	s.inherited = copied(c, r.inherited)
	s.typeOf = copied(c, r.typeOf)
	s.scripts = map[*pgschema.Function]*pgast.Statement{}
	for f, stmt := range r.scripts {
		s.scripts[copied(c, f)] = stmt
	}
	r.copies += c.count
	return &s
}

// restore brings back the state of a snapshot, but not the effort spent and the remarks made since.
func (r *replayer) restore(s *replayer) {
	s.steps, s.copies = r.steps, r.copies
	s.schema.Skipped, s.schema.Undecided, s.schema.Unknown = r.schema.Skipped, r.schema.Undecided, r.schema.Unknown
	*r = *s
}

// copier copies a graph of schema objects; a pointer met twice gives one copy.
type copier struct {
	seen  map[any]reflect.Value
	count int
}

func copied[T any](c *copier, v T) T {
	value := reflect.ValueOf(&v).Elem()
	out, _ := c.copy(value).Interface().(T) // a nil interface gives the zero T
	return out
}

// sharedTypes are not copied: what they point to does not change.
var sharedTypes = map[reflect.Type]bool{
	reflect.TypeFor[*pgast.Node]():      true,
	reflect.TypeFor[*pgast.Statement](): true,
}

func (c *copier) copy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || sharedTypes[v.Type()] {
			return v
		}
		if done, ok := c.seen[v.Interface()]; ok {
			return done
		}
		c.count++
		out := reflect.New(v.Type().Elem())
		c.seen[v.Interface()] = out
		c.fill(out.Elem(), v.Elem())
		return out
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		return c.copy(v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		if plain(v.Type().Elem()) {
			reflect.Copy(out, v)
			return out
		}
		for i := range v.Len() {
			out.Index(i).Set(c.copy(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries := v.MapRange(); entries.Next(); {
			out.SetMapIndex(c.copy(entries.Key()), c.copy(entries.Value()))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		c.fill(out, v)
		return out
	}
	return v
}

func (c *copier) fill(out, v reflect.Value) {
	out.Set(v)
	if v.Kind() != reflect.Struct {
		return
	}
	for _, i := range sharingFields(v.Type()) {
		out.Field(i).Set(c.copy(v.Field(i)))
	}
}

var sharingFieldCache sync.Map // reflect.Type -> []int

// sharingFields are the fields of a struct that would be shared by copying it alone.
func sharingFields(t reflect.Type) []int {
	if fields, ok := sharingFieldCache.Load(t); ok {
		return fields.([]int)
	}
	var fields []int
	for i := range t.NumField() {
		if !plain(t.Field(i).Type) {
			fields = append(fields, i)
		}
	}
	sharingFieldCache.Store(t, fields)
	return fields
}

// plain reports whether values of a type hold nothing that is shared by copying them.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return false
	case reflect.Struct:
		return len(sharingFields(t)) == 0
	}
	return true
}
