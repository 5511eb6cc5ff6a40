// Package keys makes keys for redis in all the ways there are.
package keys

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

type Namespace struct {
	ID          string
	WorkspaceID string
	Name        string
}

type workspaceKey struct{}

type session struct {
	Workspace *workspace
	Name      string
}

type workspace struct{ ID, Slug string }

type store struct{ rdb *redis.Client }

func WorkspaceFromContext(ctx context.Context) string { return "" }

func (s *store) load(ctx context.Context, workspaceID, name string) (string, error) { return "", nil }

// The value is made for one workspace, the key is the same for all.
func (s *store) byName(ctx context.Context, workspaceID, name string) error {
	value, err := s.load(ctx, workspaceID, name)
	if err != nil {
		return err
	}
	return s.rdb.Set(ctx, "namespace:"+name, value, time.Hour).Err() // want `cache-key-unscoped: the key of redis.Client.Set does not contain the tenant: it is made of name, while the value is made with workspaceID`
}

// Reading and writing one key is one finding.
func (s *store) readThrough(ctx context.Context, workspaceID, name string) (string, error) {
	key := fmt.Sprintf("namespace:%s", name)
	if value, err := s.rdb.Get(ctx, key).Result(); err == nil { // want `cache-key-unscoped: the key of redis.Client.Get .* made of name, while the value is made with workspaceID`
		return value, nil
	}
	value, err := s.load(ctx, workspaceID, name)
	if err != nil {
		return "", err
	}
	s.rdb.Set(ctx, key, value, time.Hour)
	return value, nil
}

func (s *store) atHand(ctx context.Context, r *http.Request) (string, error) {
	slog.Info("request", "workspace", WorkspaceFromContext(ctx))
	if WorkspaceFromContext(ctx) == "" {
		return "", io.EOF
	}
	return s.rdb.Get(ctx, "page:"+r.URL.Path).Result() // want `cache-key-unscoped: .* it is made of r.URL.Path, though WorkspaceFromContext\(ctx\) is at hand`
}

func (s *store) constantKey(ctx context.Context, workspaceID string) error {
	value, err := s.load(ctx, workspaceID, "")
	if err != nil {
		return err
	}
	return s.rdb.Set(ctx, "settings", value, time.Hour).Err() // want `cache-key-unscoped: .* it is made of constants alone, while the value is made with workspaceID`
}

func (s *store) counter(ctx context.Context, workspaceID, name string) {
	s.rdb.Incr(ctx, "uses:"+name) // want `cache-key-unscoped: the key of redis.Client.Incr`
}

func (s *store) several(ctx context.Context, workspaceID string, names []string) {
	keys := make([]string, 0, len(names))
	for _, name := range names {
		keys = append(keys, "namespace:"+name)
	}
	s.rdb.MGet(ctx, keys...) // want `cache-key-unscoped`
}

func (s *store) scripted(ctx context.Context, workspaceID, name string) error {
	return redis.NewScript("").Run(ctx, s.rdb, []string{"limit:" + name}, workspaceID).Err() // want `cache-key-unscoped: the key of redis.Script.Run`
}

func (s *store) pipelined(ctx context.Context, workspaceID, name string) {
	pipe := s.rdb.Pipeline()
	pipe.HGet(ctx, "namespace:"+name, "id") // want `cache-key-unscoped`
	pipe.MSet(ctx, "a:"+name, workspaceID)  // want `cache-key-unscoped`
	pipe.MSet(ctx, "a:"+workspaceID, name)
}

// A value whose workspace is checked before it is handed out is still hidden from the others.
func (s *store) checked(ctx context.Context, workspaceID, name string) error {
	raw, err := s.rdb.Get(ctx, "namespace:"+name).Bytes() // want `cache-key-unscoped`
	if err != nil {
		return err
	}
	var ns Namespace
	if err := json.Unmarshal(raw, &ns); err != nil {
		return err
	}
	if ns.WorkspaceID != workspaceID {
		return io.EOF
	}
	return nil
}

// All of these have the workspace in the key.
func (s *store) scoped(ctx context.Context, workspaceID, name string, sess session, r *http.Request) {
	s.rdb.Get(ctx, workspaceID+":"+name)
	s.rdb.Get(ctx, fmt.Sprintf("%s:%s", name, workspaceID))
	s.rdb.Get(ctx, strings.Join([]string{"ns", workspaceID, name}, ":"))
	s.rdb.Get(ctx, "ns:"+sess.Workspace.ID+name)
	s.rdb.Get(ctx, "ns:"+sess.Workspace.Slug+name)
	s.rdb.Get(ctx, "ns:"+WorkspaceFromContext(ctx)+name)
	s.rdb.Get(ctx, "ns:"+r.PathValue("workspaceID")+name)
	s.rdb.Get(ctx, "ns:"+ctx.Value(workspaceKey{}).(string)+name)
	s.rdb.Get(ctx, "ns:"+string([]byte(workspaceID))+name)
	sum := sha256.Sum256([]byte(workspaceID + name))
	s.rdb.Get(ctx, hex.EncodeToString(sum[:]))
	var b strings.Builder
	b.WriteString(workspaceID)
	fmt.Fprintf(&b, ":%s", name)
	s.rdb.Get(ctx, b.String())
	h := fnv.New64a()
	io.WriteString(h, workspaceID)
	s.rdb.Get(ctx, hex.EncodeToString(h.Sum(nil)))
	key := "ns"
	key += ":" + workspaceID
	s.rdb.Get(ctx, key)
	raw, _ := json.Marshal(Namespace{WorkspaceID: workspaceID, Name: name})
	s.rdb.Get(ctx, string(raw))
	s.rdb.Eval(ctx, "", []string{"ns:" + workspaceID}, name)
}

// What is made never twice needs no tenant; channels are no keys; deleting shows nobody anything.
func (s *store) other(ctx context.Context, workspaceID, name string) {
	s.rdb.Set(ctx, uuid.NewString(), workspaceID, time.Hour)
	nonce := make([]byte, 16)
	rand.Read(nonce)
	s.rdb.Set(ctx, "state:"+hex.EncodeToString(nonce), workspaceID, time.Hour)
	s.rdb.Publish(ctx, "changes:"+name, workspaceID)
	s.rdb.Del(ctx, "namespace:"+name)
}

// A unique id gives an info, a credential too: the reader decides who can know it.
func (s *store) unique(ctx context.Context, workspaceID string, id uuid.UUID, accessToken string) {
	s.rdb.Set(ctx, "doc:"+id.String(), workspaceID, time.Hour)
	s.rdb.Set(ctx, "session:"+accessToken, workspaceID, time.Hour)
}

// Nothing here belongs to a tenant.
func (s *store) global(ctx context.Context, currency string) {
	s.rdb.Get(ctx, "rate:"+currency)
}

// Rollup is declared as cross-tenant in the model.
func Rollup(ctx context.Context, rdb *redis.Client, workspaceID, name string) {
	rdb.Set(ctx, "rollup:"+name, workspaceID, time.Hour)
}

//tenantvet:cross-tenant the total over all workspaces
func Total(ctx context.Context, rdb *redis.Client, workspaceID, name string) {
	rdb.Set(ctx, "total:"+name, workspaceID, time.Hour)
}

type step struct {
	ID   uuid.UUID
	Name string
}

func listSteps(ctx context.Context, workspaceID string) []step { return nil }

// The id is unique, and yet the steps of one workspace can be had by whoever knows their ids.
func (s *store) loaded(ctx context.Context, workspaceID string) {
	for _, step := range listSteps(ctx, workspaceID) {
		s.rdb.Set(ctx, step.ID.String(), step, time.Hour)
	}
}

// What is stored was read under the same key.
func (s *store) rewritten(ctx context.Context, workspaceID string, r *http.Request) {
	id := r.PathValue("id") + workspaceID[:0]
	key := "breaker:" + r.PathValue("id")
	value, err := s.rdb.Get(ctx, key).Result()
	if err != nil || id == "" {
		return
	}
	s.rdb.Set(ctx, key, value, time.Hour)
}
