// Package cachekey reports cache keys that do not derive from the tenant.
package cachekey

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

const doc = `report cache keys that do not derive from the tenant

A value loaded for one tenant and kept under a key that another tenant's request builds as well is
handed to the other tenant:

	ns, err := cache.Get(ctx, "namespace:"+req.Name) // two tenants may use the same name

The tenant belongs in the key:

	ns, err := cache.Get(ctx, "namespace:"+tenantID+":"+req.Name)

The analyzer knows the calls of the widely used caches and follows keys through variables, fields,
key structs, helper functions and wrappers in other packages. It is silent when nothing shows that
the cached value belongs to a tenant, and gives an info where the key is a globally unique id.`

// Analyzer reports cache keys without the tenant.
var Analyzer = &analysis.Analyzer{
	Name:       "cachekey",
	Doc:        doc,
	URL:        "https://github.com/tenantvet/tenantvet/blob/main/docs/rules/cache-key-unscoped.md",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer},
	ResultType: reflect.TypeFor[*finding.Result](),
	FactTypes:  []analysis.Fact{(*keyOf)(nil), (*wraps)(nil)},
}
