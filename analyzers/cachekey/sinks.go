package cachekey

import (
	"go/types"
	"strings"

	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
)

// use is what a call does with the value behind its key.
type use int

const (
	// data calls read, write or load a value.
	data use = iota
	// counting calls keep a number or a lock.
	counting
	// housekeeping calls drop a value or change its lifetime: they show nobody anything.
	housekeeping
)

// sink is a call that takes a cache key. Arguments count from 0 without the receiver.
type sink struct {
	keys []int
	// rest says that all arguments from the last key on are keys; step is 2 when keys alternate
	// with values.
	rest bool
	step int
	use  use
	// field is the field of the key argument that holds the key, as in (*memcache.Client).Set(*Item).
	field string
}

// model is one row of the table of known caches.
type model struct {
	// pkg is an import path; a major version (/v2) may follow it.
	pkg string
	// methods are the names of methods, or functions, with the key as argument key.
	methods string
	key     int
	rest    bool
	use     use
	field   string
}

// table lists the caches whose calls do not name their parameters uniformly. The redis clients are
// recognised by the names of their parameters (see redisSink).
var table = []model{
	{pkg: "github.com/bradfitz/gomemcache/memcache", methods: "Get GetMulti"},
	{pkg: "github.com/bradfitz/gomemcache/memcache", methods: "GetAndTouch Delete Touch", use: housekeeping},
	{pkg: "github.com/bradfitz/gomemcache/memcache", methods: "Increment Decrement", use: counting},
	{pkg: "github.com/bradfitz/gomemcache/memcache", methods: "Set Add Replace Append Prepend CompareAndSwap", field: "Key"},

	{pkg: "github.com/dgraph-io/ristretto", methods: "Get Set SetWithTTL"},
	{pkg: "github.com/dgraph-io/ristretto", methods: "Del GetTTL", use: housekeeping},

	{pkg: "github.com/patrickmn/go-cache", methods: "Get GetWithExpiration Set SetDefault Add Replace"},
	{pkg: "github.com/patrickmn/go-cache", methods: "Increment IncrementInt IncrementInt64 Decrement DecrementInt DecrementInt64", use: counting},
	{pkg: "github.com/patrickmn/go-cache", methods: "Delete", use: housekeeping},

	{pkg: "github.com/allegro/bigcache", methods: "Get GetWithInfo Set Append"},
	{pkg: "github.com/allegro/bigcache", methods: "Delete", use: housekeeping},

	{pkg: "github.com/coocood/freecache", methods: "Get GetFn GetOrSet GetWithBuf GetWithExpiration Peek PeekFn PeekWithExpiration Set SetAndGet Update"},
	{pkg: "github.com/coocood/freecache", methods: "Del Touch TTL", use: housekeeping},

	{pkg: "github.com/maypok86/otter", methods: "Get Set SetIfAbsent GetQuietly GetEntry GetEntryQuietly GetIfPresent ComputeIfAbsent Compute ComputeIfPresent"},
	{pkg: "github.com/maypok86/otter", methods: "Has Delete Invalidate SetExpiresAfter SetRefreshableAfter", use: housekeeping},

	{pkg: "github.com/hashicorp/golang-lru", methods: "Get Peek Add ContainsOrAdd PeekOrAdd"},
	{pkg: "github.com/hashicorp/golang-lru", methods: "Contains Remove", use: housekeeping},
	{pkg: "github.com/hashicorp/golang-lru/expirable", methods: "Get Peek Add"},
	{pkg: "github.com/hashicorp/golang-lru/expirable", methods: "Contains Remove", use: housekeeping},
	{pkg: "github.com/hashicorp/golang-lru/simplelru", methods: "Get Peek Add"},
	{pkg: "github.com/hashicorp/golang-lru/simplelru", methods: "Contains Remove", use: housekeeping},

	{pkg: "github.com/golang/groupcache", methods: "Get", key: 1},
	{pkg: "github.com/golang/groupcache/lru", methods: "Get Add"},
	{pkg: "github.com/golang/groupcache/lru", methods: "Remove", use: housekeeping},
	{pkg: "github.com/golang/groupcache/singleflight", methods: "Do"},

	{pkg: "golang.org/x/sync/singleflight", methods: "Do DoChan"},
	{pkg: "golang.org/x/sync/singleflight", methods: "Forget", use: housekeeping},

	{pkg: "github.com/jellydator/ttlcache", methods: "Get Set GetOrSet GetAndDelete"},
	{pkg: "github.com/jellydator/ttlcache", methods: "Has Delete Touch", use: housekeeping},

	{pkg: "github.com/go-redis/cache", methods: "Get GetSkippingLocalCache", key: 1},
	{pkg: "github.com/go-redis/cache", methods: "Set Once", field: "Key"},
	{pkg: "github.com/go-redis/cache", methods: "Delete Exists", key: 1, use: housekeeping},
}

// otterV2 holds the calls of otter v2 whose first argument is a context.
var otterV2 = []model{
	{methods: "Get BulkGet", key: 1},
	{methods: "Refresh BulkRefresh", key: 1},
}

// sinkOf returns how a function of a known cache takes its key.
func sinkOf(fn *types.Func) (sink, bool) {
	if fn == nil || fn.Pkg() == nil || !fn.Exported() {
		return sink{}, false
	}
	path := fn.Pkg().Path()
	switch {
	case isRedis(path):
		return redisSink(fn)
	case path == "github.com/gomodule/redigo/redis" || path == "github.com/garyburd/redigo/redis":
		return redigoSink(fn)
	case strings.HasPrefix(path, "github.com/redis/rueidis/internal/cmds"), strings.HasPrefix(path, "github.com/valkey-io/valkey-go/internal/cmds"):
		return builderSink(fn)
	}
	base := withoutMajor(path)
	if base != path && base == "github.com/maypok86/otter" {
		if s, ok := find(otterV2, fn.Name()); ok {
			return s, true
		}
	}
	for i := range table {
		if table[i].pkg != base {
			continue
		}
		if s, ok := find(table[i:i+1], fn.Name()); ok {
			return s, fn.Signature().Recv() != nil
		}
	}
	return sink{}, false
}

func find(rows []model, name string) (sink, bool) {
	for _, row := range rows {
		for method := range strings.FieldsSeq(row.methods) {
			if method == name {
				return sink{keys: []int{row.key}, rest: row.rest, step: 1, use: row.use, field: row.field}, true
			}
		}
	}
	return sink{}, false
}

// withoutMajor drops the major version from an import path, at its end or before a subpackage:
// "…/golang-lru/v2/expirable" gives "…/golang-lru/expirable".
func withoutMajor(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if i > 0 && len(part) > 1 && part[0] == 'v' && strings.Trim(part[1:], "0123456789") == "" {
			return strings.Join(append(parts[:i:i], parts[i+1:]...), "/")
		}
	}
	return path
}

func isRedis(path string) bool {
	base := withoutMajor(path)
	return base == "github.com/redis/go-redis" || base == "github.com/go-redis/redis" ||
		strings.HasPrefix(path, "github.com/redis/rueidis/rueidiscompat") || strings.HasPrefix(path, "github.com/redis/rueidis/rueidisaside")
}

// redisSink recognises a command of go-redis by the names of its parameters, which are the same
// throughout its interfaces: key, keys, source, destination.
func redisSink(fn *types.Func) (sink, bool) {
	sig := fn.Signature()
	if sig.Recv() == nil || sig.Params().Len() < 2 {
		return sink{}, false
	}
	switch fn.Name() {
	case "MSet", "MSetNX":
		return sink{keys: []int{1}, rest: true, step: 2, use: redisUse(fn.Name())}, true
	case "ClientKillByFilter", "ClusterKeySlot", "MemoryUsage", "DebugObject":
		return sink{}, false
	}
	s := sink{step: 1, use: redisUse(fn.Name())}
	for i := range sig.Params().Len() {
		param := sig.Params().At(i)
		switch strings.ToLower(param.Name()) {
		case "key", "keys", "key1", "key2", "source", "destination", "dest", "destkey", "sourcekey":
			s.keys = append(s.keys, i)
			s.rest = sig.Variadic() && i == sig.Params().Len()-1
		}
	}
	return s, len(s.keys) > 0
}

// redisUse says what a redis command does by its name.
func redisUse(command string) use {
	upper := strings.ToUpper(command)
	for _, name := range []string{"DEL", "UNLINK", "EXISTS", "PERSIST", "TTL", "PTTL", "TYPE", "TOUCH", "RENAME", "MOVE", "DUMP", "WATCH", "MIGRATE"} {
		if upper == name {
			return housekeeping
		}
	}
	switch {
	case strings.HasPrefix(upper, "EXPIRE"), strings.HasPrefix(upper, "PEXPIRE"), strings.HasPrefix(upper, "OBJECT"):
		return housekeeping
	case strings.HasPrefix(upper, "INCR"), strings.HasPrefix(upper, "DECR"), strings.HasPrefix(upper, "PF"),
		upper == "SETNX", upper == "HINCRBY", upper == "ZINCRBY", upper == "HINCRBYFLOAT":
		return counting
	}
	return data
}

// redigoSink recognises Do and Send, whose first argument after the context or timeout is the name
// of a redis command; redigoKeys says which of the following arguments are keys.
func redigoSink(fn *types.Func) (sink, bool) {
	switch fn.Name() {
	case "Do", "Send", "DoContext", "DoWithTimeout", "SendContext":
	default:
		return sink{}, false
	}
	params := fn.Signature().Params()
	for i := range params.Len() {
		name := params.At(i).Name()
		if strings.HasPrefix(name, "command") || strings.HasPrefix(name, "cmd") {
			return sink{keys: []int{i}, field: redigoCommand}, true
		}
	}
	return sink{}, false
}

// redigoCommand in sink.field says that the key argument is the name of a command.
const redigoCommand = "\x00command"

// redigoKeys returns the sink of a redis command given by name, for arguments that begin behind the
// name at argument first.
func redigoKeys(command string, first int) (sink, bool) {
	s := sink{keys: []int{first}, step: 1, use: redisUse(command)}
	switch strings.ToUpper(command) {
	case "MGET", "DEL", "UNLINK", "EXISTS", "SUNION", "SINTER", "SDIFF":
		s.rest = true
	case "MSET", "MSETNX":
		s.rest, s.step = true, 2
	case "EVAL", "EVALSHA":
		s.keys = []int{first + 2}
	case "PING", "AUTH", "SELECT", "MULTI", "EXEC", "DISCARD", "INFO", "FLUSHDB", "FLUSHALL", "SCAN", "KEYS", "PUBLISH",
		"SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "SCRIPT", "CONFIG", "CLIENT", "CLUSTER", "ECHO", "TIME", "DBSIZE", "WATCH",
		"UNWATCH", "XREAD", "XREADGROUP", "XADD", "":
		return sink{}, false
	}
	return s, true
}

// builderSink recognises Key in the command builders of rueidis and valkey-go; the type of the
// builder is named after the command: Get, HgetKey, SetKey.
func builderSink(fn *types.Func) (sink, bool) {
	if fn.Name() != "Key" || fn.Signature().Recv() == nil {
		return sink{}, false
	}
	s := sink{keys: []int{0}, step: 1, rest: fn.Signature().Variadic()}
	if named, ok := types.Unalias(fn.Signature().Recv().Type()).(*types.Named); ok {
		s.use = redisUse(tenantname.Words(named.Obj().Name())[0])
	}
	return s, true
}

// byShape recognises a method of an interface that is a cache by its name (Cache, SessionCache,
// CacheStore) and takes a parameter named key. Its implementations may be anywhere.
func byShape(fn *types.Func) (sink, bool) {
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		return sink{}, false
	}
	named, ok := types.Unalias(recv.Type()).(*types.Named)
	if !ok || !strings.Contains(strings.ToLower(named.Obj().Name()), "cache") {
		return sink{}, false
	}
	params := fn.Signature().Params()
	for i := range params.Len() {
		switch strings.ToLower(params.At(i).Name()) {
		case "key", "keys", "cachekey", "k":
			rest := fn.Signature().Variadic() && i == params.Len()-1
			return sink{keys: []int{i}, rest: rest, step: 1, use: useByName(fn.Name())}, true
		}
	}
	return sink{}, false
}

// useByName says what a team's own cache method does.
func useByName(method string) use {
	switch words := tenantname.Words(method); words[0] {
	case "delete", "del", "remove", "invalidate", "evict", "expire", "exists", "has", "contains", "ttl", "touch", "forget", "clear", "refresh", "purge":
		return housekeeping
	case "incr", "increment", "decr", "decrement", "lock", "unlock", "acquire", "release", "renew":
		return counting
	}
	return data
}
