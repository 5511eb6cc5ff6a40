package queryscope

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// scopeFact says what a function does with the tenant setting of database handles. Parameters count
// the receiver.
type scopeFact struct {
	// Sets are the parameters on which the function sets the tenant.
	Sets []int
	// Returns says that the handle it returns is scoped.
	Returns bool
	// Unscoped says what the returned handle or struct is built on when no tenant can be set on that:
	// "a connection pool".
	Unscoped string
	// Holds is 1 + the parameter that the returned handle or struct is built on; 0 for none.
	Holds int
	// Callbacks are the function parameters that are called with a scoped handle.
	Callbacks []int
	// Needs are the parameters through which the function runs SQL that relies on row-level security.
	Needs []need
}

// need is an obligation: the handle of a parameter must be scoped.
type need struct {
	Param int
	// Table is the table that the SQL reaches.
	Table string
	// Pinned says that the SQL names the tenant too.
	Pinned bool
	// Chain are the places from the call of the function to the SQL.
	Chain []finding.Related
}

// AFact marks a fact.
func (*scopeFact) AFact() {}

func (f *scopeFact) empty() bool {
	return len(f.Sets) == 0 && !f.Returns && f.Unscoped == "" && f.Holds == 0 && len(f.Callbacks) == 0 && len(f.Needs) == 0
}

// String shows the fact in the form in which tests assert it.
func (f *scopeFact) String() string {
	var parts []string
	for _, i := range f.Sets {
		parts = append(parts, fmt.Sprintf("sets tenant on %d", i))
	}
	if f.Returns {
		parts = append(parts, "returns scoped")
	}
	if f.Unscoped != "" {
		parts = append(parts, "returns "+f.Unscoped)
	}
	if f.Holds > 0 {
		parts = append(parts, fmt.Sprintf("holds %d", f.Holds-1))
	}
	for _, i := range f.Callbacks {
		parts = append(parts, fmt.Sprintf("scopes callback %d", i))
	}
	for _, n := range f.Needs {
		parts = append(parts, fmt.Sprintf("needs scope on %d for %s", n.Param, n.Table))
	}
	return strings.Join(parts, "; ")
}
