package cachekey

import (
	"go/types"
	"slices"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
)

// class is what a part of a key, judged by its name and type, says about whose value it is.
type class int

const (
	// neutral parts are numbers, times, flags, enumerations: they neither tell tenants apart nor
	// are they something two tenants could each have.
	neutral class = iota
	unique
	plain
	// opaque parts are keys made elsewhere.
	opaque
)

// uniqueWords end the names of values that belong to one owner in the whole world.
var uniqueWords = []string{
	"id", "ids", "uid", "uids", "uuid", "uuids", "guid", "ulid", "ksuid", "token", "tokens", "hash", "hashes", "hashed", "digest", "checksum",
	"sum", "sha", "sha256", "sha1", "md5", "secret", "jti", "sid", "nonce", "fingerprint", "email", "emails", "ip", "addr", "address",
	"host", "hostname", "fqdn", "domain", "url", "uri", "jwt", "signature", "code", "arn", "dsn", "commit", "etag", "state", "challenge",
	"phone", "issuer", "jwks", "origin", "session", "cookie", "apikey", "kid", "rev", "revision", "serial", "authorization", "credential",
	"credentials", "password", "bearer",
}

// opaqueWords end the names of values that are a key, or a piece of one, made elsewhere.
var opaqueWords = []string{"key", "keys", "k", "cachekey", "prefix", "suffix", "pattern", "scope", "namespaced", "field", "partition", "args", "arg", "value", "v"}

// formWords at the end of a name say in which form the value is.
var formWords = []string{"string", "str", "text", "raw", "bytes", "hex", "value", "param", "header"}

func classOf(name string, t types.Type) class {
	if isUUID(t) {
		return unique
	}
	words := tenantname.Words(name)
	for len(words) > 1 && slices.Contains(formWords, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
	}
	switch {
	case slices.Contains(uniqueWords, last), last == "key" && isSecretKey(words):
		return unique
	case isNumeric(t):
		return neutral
	case isText(t) && isEnumeration(t):
		return neutral
	case slices.Contains(opaqueWords, last), last == "":
		return opaque
	case isText(t):
		return plain
	}
	return opaque
}

// isSecret reports whether a variable holds a credential by its name.
func isSecret(name string) bool {
	words := tenantname.Words(name)
	switch words[len(words)-1] {
	case "token", "secret", "jwt", "password", "nonce", "jti", "credential", "credentials", "bearer", "apikey":
		return true
	}
	return false
}

// isSecretKey reports whether a name is that of a key to a door, not to a map: apiKey, rawKey.
func isSecretKey(words []string) bool {
	if len(words) < 2 {
		return false
	}
	switch words[len(words)-2] {
	case "api", "raw", "root", "secret", "license", "public", "private", "access", "signing", "idempotency", "verification":
		return true
	}
	return false
}

// isEnumeration reports whether a text type is the program's own (type Feature string), unless it is
// the type of keys.
func isEnumeration(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	words := tenantname.Words(named.Obj().Name())
	switch words[len(words)-1] {
	case "key", "partition", "scope":
		return false
	}
	return true
}

func isUUID(t types.Type) bool {
	named := gotype.Named(t)
	if named == nil {
		return false
	}
	switch named.Obj().Name() {
	case "UUID", "NullUUID", "ULID", "KSUID", "ObjectID":
		return true
	}
	return false
}

func isNumeric(t types.Type) bool {
	if t == nil {
		return false
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time" {
		return true
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsNumeric|types.IsBoolean) != 0
}

// isText reports whether a type is a string, or bytes or strings in a row.
func isText(t types.Type) bool {
	if t == nil {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		return isText(u.Elem()) || isByte(u.Elem())
	case *types.Array:
		return isText(u.Elem()) || isByte(u.Elem())
	}
	return false
}

func isByte(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Byte
}

// part makes an origin of one named part.
func part(c class, text string) origin {
	switch c {
	case unique:
		return origin{Unique: []string{text}}
	case plain:
		return origin{Plain: []string{text}}
	case opaque:
		return origin{Unknown: []string{text}}
	}
	return origin{}
}
