// Package tenantname recognises Go identifiers, types and functions that carry a tenant by their
// names: tenantID, AuthorizedWorkspaceID, (*Session).OrgID, TenantFromContext.
package tenantname

import (
	"go/types"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Names decides which Go names carry a tenant. It is immutable.
type Names struct {
	columns   [][]string // words of the tenant columns and of further variable names
	stems     [][]string // the same without a trailing "id": the name of the tenant itself
	types     []string   // as tenancy.Go.Types
	accessors []string   // types.Func.FullName
}

// strong are the names that mean a tenant wherever they appear; they stand in for a model that
// knows no tenant column.
var strong = []string{"tenant_id", "org_id", "workspace_id"}

// wellKnown are names that often are a tenant, so that data told apart by them is told apart.
var wellKnown = append([]string{
	"account_id", "project_id", "customer_id", "company_id", "team_id", "nid",
}, strong...)

// Of returns the names that carry a tenant according to the model; a model without tenant columns,
// or nil, gives the names that mean a tenant everywhere.
func Of(m *tenancy.Model) *Names {
	if m == nil {
		return newNames(strong, tenancy.Go{})
	}
	columns := m.Columns
	if len(columns) == 0 {
		columns = strong
	}
	return newNames(columns, m.Go)
}

// Like returns a superset of Of: with the names that usually are a tenant. It is for deciding
// that something is told apart, not that it has to be.
func Like(m *tenancy.Model) *Names {
	if m == nil {
		return newNames(wellKnown, tenancy.Go{})
	}
	return newNames(slices.Concat(m.Columns, wellKnown), m.Go)
}

func newNames(columns []string, in tenancy.Go) *Names {
	n := &Names{types: in.Types, accessors: in.Accessors}
	for _, name := range slices.Concat(columns, in.Variables) {
		words := Words(name)
		for _, words := range spellings(words) {
			n.columns = append(n.columns, words)
			if stem := stemOf(words); len(stem) > 0 {
				n.stems = append(n.stems, stem)
			}
		}
	}
	return n
}

// spellings adds the long and short forms of "organization".
func spellings(words []string) [][]string {
	forms := []string{"org", "organization", "organisation"}
	for i, word := range words {
		if !slices.Contains(forms, word) {
			continue
		}
		var out [][]string
		for _, form := range forms {
			spelled := slices.Clone(words)
			spelled[i] = form
			out = append(out, spelled)
		}
		return out
	}
	return [][]string{words}
}

// identifying are the words that, behind the name of a thing, make the name of what identifies it.
var identifying = []string{"id", "ids", "uuid", "uid", "guid", "key", "slug", "ref", "code", "name", "hash"}

func stemOf(words []string) []string {
	if last := len(words) - 1; last > 0 && slices.Contains(identifying, words[last]) {
		return words[:last]
	}
	return words
}

// Match reports whether a variable, parameter, field or function of that name carries a tenant.
func (n *Names) Match(name string) bool {
	words := Words(name)
	if len(words) == 0 {
		return false
	}
	for _, column := range n.columns {
		if contains(words, column) || strings.Join(words, "") == strings.Join(column, "") {
			return true
		}
		if plural := pluralOf(column); contains(words, plural) {
			return true
		}
	}
	for _, stem := range n.stems {
		if hasSuffix(words, stem) {
			return true
		}
		if last := len(words) - 1; slices.Contains(identifying, words[last]) && hasSuffix(words[:last], stem) {
			return true
		}
	}
	return false
}

// MatchType reports whether values of the type carry a tenant: type TenantID string, or the row of
// the tenant itself.
func (n *Names) MatchType(t types.Type) bool {
	named := gotype.Named(t)
	if named == nil {
		return false
	}
	object := named.Obj()
	full := object.Name()
	if object.Pkg() != nil {
		full = object.Pkg().Path() + "." + object.Name()
	}
	if slices.Contains(n.types, object.Name()) || slices.Contains(n.types, full) {
		return true
	}
	words := Words(object.Name())
	for _, stem := range n.stems {
		if slices.Equal(words, stem) {
			return true
		}
	}
	for _, column := range n.columns {
		if slices.Equal(words, column) {
			return true
		}
	}
	return false
}

// Accessor reports whether calling the function yields a tenant: an accessor of the model, or a
// function named after the tenant such as TenantFromContext, GetTenantID or (*Principal).OrgID.
func (n *Names) Accessor(f *types.Func) bool {
	if f == nil {
		return false
	}
	if slices.Contains(n.accessors, f.Origin().FullName()) {
		return true
	}
	words := Words(f.Name())
	for _, word := range []string{"from", "in", "of", "for"} {
		if i := slices.Index(words, word); i > 0 {
			words = words[:i]
		}
	}
	return n.Match(strings.Join(words, "_"))
}

// Field returns the name of the first field that carries a tenant in the struct behind the type:
// through pointers, slices, maps, embedded structs and the type arguments of a generic type.
func (n *Names) Field(t types.Type) (string, bool) { return n.field(t, 3) }

func (n *Names) field(t types.Type, depth int) (string, bool) {
	if t == nil || depth < 0 {
		return "", false
	}
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return n.field(t.Elem(), depth)
	case *types.Slice:
		return n.field(t.Elem(), depth-1)
	case *types.Array:
		return n.field(t.Elem(), depth-1)
	case *types.Map:
		return n.field(t.Elem(), depth-1)
	case *types.Named:
		if name, ok := n.field(t.Underlying(), depth); ok {
			return name, true
		}
		for arg := range t.TypeArgs().Types() {
			if name, ok := n.field(arg, depth-1); ok {
				return name, true
			}
		}
	case *types.Struct:
		for field := range t.Fields() {
			if n.Match(field.Name()) || n.MatchType(field.Type()) {
				return field.Name(), true
			}
			if field.Embedded() {
				if name, ok := n.field(field.Type(), depth-1); ok {
					return name, true
				}
			}
		}
	}
	return "", false
}
