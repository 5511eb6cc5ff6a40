// Package libs has one unscoped and one scoped key for each library.
package libs

import (
	"context"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/golang/groupcache"
	redigo "github.com/gomodule/redigo/redis"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/maypok86/otter"
	"golang.org/x/sync/singleflight"
)

type Plan struct {
	WorkspaceID string
	Name        string
}

type planKey struct{ WorkspaceID, Name string }

func loadPlan(workspaceID, name string) Plan { return Plan{} }

func redigoKeys(c redigo.Conn, workspaceID, name string) {
	c.Do("GET", "plan:"+name) // want `cache-key-unscoped: the key of redis.Conn.Do`
	c.Do("GET", "plan:"+workspaceID+name)
	c.Do("PUBLISH", name, workspaceID)
	c.Send("MSET", "plans:"+name, workspaceID) // want `cache-key-unscoped: the key of redis.Conn.Send`
}

func memcacheKeys(c *memcache.Client, workspaceID, name string) {
	c.Get("plan:" + name)                                                   // want `cache-key-unscoped`
	c.Set(&memcache.Item{Key: "plans:" + name, Value: []byte(workspaceID)}) // want `cache-key-unscoped: the key of memcache.Client.Set`
	c.Set(&memcache.Item{Key: workspaceID + name, Value: []byte(workspaceID)})
}

func lruKeys(byName *lru.Cache[string, Plan], byKey *lru.Cache[planKey, Plan], workspaceID, name string) {
	byName.Get(name) // want `cache-key-unscoped: .* while Plan belongs to one tenant \(WorkspaceID\)`
	byKey.Get(planKey{workspaceID, name})
	byKey.Get(planKey{WorkspaceID: workspaceID, Name: name})
	byKey.Get(planKey{Name: name}) // want `cache-key-unscoped`
	key := planKey{Name: name}
	key.WorkspaceID = workspaceID
	byKey.Get(key)
	byName.Remove(name)
}

// The programs are compiled from the text alone: they belong to nobody.
func compiled(programs *lru.Cache[string, func()], workspaceID, expression string) {
	programs.Get(expression)
}

func expirableKeys(c *expirable.LRU[string, *Plan], name string) {
	c.Add(name, &Plan{}) // want `cache-key-unscoped: the key of expirable.LRU.Add`
}

func otterKeys(c otter.Cache[string, Plan], workspaceID, name string) {
	c.Get(name) // want `cache-key-unscoped: the key of otter.Cache.Get`
	c.Set(workspaceID+name, Plan{})
}

func flights(g *singleflight.Group, workspaceID, name string) {
	g.Do(name, func() (any, error) { // want `cache-key-unscoped: .* while the value is made with workspaceID`
		return loadPlan(workspaceID, name), nil
	})
	g.Do(workspaceID+"/"+name, func() (any, error) { return loadPlan(workspaceID, name), nil })
	fetch := func() (any, error) { return loadPlan(workspaceID, name), nil }
	g.DoChan("plan:"+name, fetch) // want `cache-key-unscoped`
	g.Forget(name)
}

func group(ctx context.Context, g *groupcache.Group, dest groupcache.Sink, workspaceID, name string) {
	g.Get(ctx, "plan:"+name, dest) // want `cache-key-unscoped: the key of groupcache.Group.Get`
	g.Get(ctx, workspaceID+name, dest)
}
