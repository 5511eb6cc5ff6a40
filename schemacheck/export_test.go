package schemacheck

import (
	"maps"
	"slices"
)

// Implemented returns the names of the registered rules.
func Implemented() []string { return slices.Sorted(maps.Keys(rules)) }
