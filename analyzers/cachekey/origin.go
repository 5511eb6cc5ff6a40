package cachekey

import (
	"slices"
	"strings"
)

// origin says what a key is made of. Constants, numbers and other parts that say nothing about
// whose value it is leave no trace.
type origin struct {
	// Tenant says that the tenant is part of the key, or a value that is never made twice.
	Tenant bool
	// Params has bit i set when the key derives from parameter i; the receiver is 0.
	Params uint64
	// Method is the method of the parameter that gives the key, such as CacheKey; empty when the
	// parameter itself does.
	Method string
	// Unique, Plain and Unknown name the parts that are globally unique (ids, tokens, hashes), that
	// two tenants may share (names, slugs, paths), and that could not be followed.
	Unique, Plain, Unknown []string
}

// maxNamed bounds the parts that an origin names.
const maxNamed = 4

func (o *origin) add(p origin) {
	o.Tenant = o.Tenant || p.Tenant
	switch {
	case p.Params == 0:
	case o.Params == 0:
		o.Method = p.Method
	case o.Method != p.Method:
		o.Method = ""
		o.Unknown = appendNamed(o.Unknown, []string{"several parameters"})
	}
	o.Params |= p.Params
	o.Unique = appendNamed(o.Unique, p.Unique)
	o.Plain = appendNamed(o.Plain, p.Plain)
	o.Unknown = appendNamed(o.Unknown, p.Unknown)
}

func (o *origin) isEmpty() bool {
	return !o.Tenant && o.Params == 0 && len(o.Unique)+len(o.Plain)+len(o.Unknown) == 0
}

func appendNamed(list, more []string) []string {
	for _, name := range more {
		if len(list) < maxNamed && !slices.Contains(list, name) {
			list = append(list[:len(list):len(list)], name)
		}
	}
	return list
}

// String lists what the key is made of for a message.
func (o *origin) String() string {
	parts := slices.Concat(o.Plain, o.Unique, o.Unknown)
	switch len(parts) {
	case 0:
		return "constants alone"
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// keyOf is the fact that a function returns a key, or a part of one.
type keyOf struct{ Origin origin }

// AFact marks a fact.
func (*keyOf) AFact() {}

func (k *keyOf) String() string {
	switch {
	case k.Origin.Tenant:
		return "tenant"
	case k.Origin.Params != 0:
		return "params"
	}
	return "no tenant"
}

// wraps is the fact that a function hands parameters of its own on as a cache key.
type wraps struct{ Keys []wrapped }

// wrapped is a key made of parameters.
type wrapped struct {
	// Origin is what the key is made of; its Params are the function's.
	Origin origin
	Use    use
	// Values has bit i set when the cached value depends on parameter i.
	Values uint64
	// Typed says that the wrapper itself shows the type of the value, which is no tenant data.
	Typed bool
	// Target names the call of the cache that the key reaches in the end, and At where it stands.
	Target, At string
}

// AFact marks a fact.
func (*wraps) AFact() {}

func (*wraps) String() string { return "cache wrapper" }

// maxWrapped bounds the keys that a fact tells of.
const maxWrapped = 4

func (w *wraps) add(k wrapped) {
	for _, known := range w.Keys {
		if known.Origin.Params == k.Origin.Params && known.Origin.Method == k.Origin.Method && known.Use <= k.Use {
			return
		}
	}
	if len(w.Keys) < maxWrapped {
		w.Keys = append(w.Keys, k)
	}
}
