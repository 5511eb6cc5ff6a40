module example.com/app

go 1.24

require (
	github.com/bradfitz/gomemcache v0.0.0
	github.com/golang/groupcache v0.0.0
	github.com/gomodule/redigo v1.9.0
	github.com/google/uuid v1.6.0
	github.com/hashicorp/golang-lru/v2 v2.0.7
	github.com/maypok86/otter v1.2.4
	github.com/redis/go-redis/v9 v9.7.0
	golang.org/x/sync v0.10.0
)

replace (
	github.com/bradfitz/gomemcache => ../../../testdata/stubs/gomemcache
	github.com/golang/groupcache => ../../../testdata/stubs/groupcache
	github.com/gomodule/redigo => ../../../testdata/stubs/redigo
	github.com/google/uuid => ../../../testdata/stubs/uuid
	github.com/hashicorp/golang-lru/v2 => ../../../testdata/stubs/golang-lru
	github.com/maypok86/otter => ../../../testdata/stubs/otter
	github.com/redis/go-redis/v9 => ../../../testdata/stubs/goredis
	golang.org/x/sync => ../../../testdata/stubs/xsync
)
