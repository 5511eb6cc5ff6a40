package pgschema_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// fixtures replays the fixtures of replay, which hold every kind of object.
func fixtures(t testing.TB) []*pgschema.Schema {
	names, err := filepath.Glob("replay/testdata/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var schemas []*pgschema.Schema
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		schemas = append(schemas, replay.Replay([]replay.File{{Name: name, Text: string(text)}}, replay.Options{}))
	}
	return schemas
}

func TestEncodeDecode(t *testing.T) {
	for _, s := range fixtures(t) {
		var out bytes.Buffer
		require.NoError(t, s.Encode(&out))
		decoded, err := pgschema.Decode(&out)
		require.NoError(t, err)
		assert.Equal(t, s.Undecided, decoded.Undecided)
		require.Len(t, decoded.Events, len(s.Events))
		for i, e := range s.Events {
			assert.Equal(t, e.Stmt.Position(0), decoded.Events[i].Stmt.Position(0))
			assert.Equal(t, e.Stmt.Text(), decoded.Events[i].Stmt.Text())
		}
		for name, rel := range s.Relations {
			sameRelation(t, rel, decoded.Relations[name])
		}
	}
}

func sameRelation(t *testing.T, a, b *pgschema.Relation) {
	require.NotNil(t, b)
	assert.ElementsMatch(t, a.Grants, b.Grants)
	assert.Equal(t, a.PartitionOf, b.PartitionOf)
	require.Len(t, b.Policies, len(a.Policies))
	for i, p := range a.Policies {
		sameExpr(t, p.Using, b.Policies[i].Using)
		sameExpr(t, p.Check, b.Policies[i].Check)
		assert.Equal(t, p.Origin, b.Policies[i].Origin)
	}
	for i, c := range a.Columns {
		assert.Equal(t, c.Type, b.Columns[i].Type)
		sameExpr(t, c.Default, b.Columns[i].Default)
	}
	sameExpr(t, a.Query, b.Query)
}

func sameExpr(t *testing.T, a, b *pgschema.Expr) {
	if a == nil {
		assert.Nil(t, b)
		return
	}
	require.NotNil(t, b)
	assert.Equal(t, a.Text, b.Text)
	assert.True(t, proto.Equal(a.Node, b.Node))
	assert.Equal(t, a.At(0), b.At(0))
}

func TestDecodeRefusesDamage(t *testing.T) {
	_, err := pgschema.Decode(bytes.NewReader([]byte("something else")))
	assert.Error(t, err)
	var out bytes.Buffer
	require.NoError(t, fixtures(t)[0].Encode(&out))
	_, err = pgschema.Decode(bytes.NewReader(out.Bytes()[:out.Len()/2]))
	assert.Error(t, err)
}

// FuzzDecode looks for data that Decode does not refuse but breaks on.
func FuzzDecode(f *testing.F) {
	var out bytes.Buffer
	require.NoError(f, fixtures(f)[0].Encode(&out))
	f.Fuzz(func(t *testing.T, at uint32, change byte) {
		data := bytes.Clone(out.Bytes())
		data[int(at)%len(data)] ^= change
		if s, err := pgschema.Decode(bytes.NewReader(data)); err == nil && s == nil {
			t.Error("neither a schema nor an error")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, s := range fixtures(b)[:1] {
		var out bytes.Buffer
		require.NoError(b, s.Encode(&out))
		b.SetBytes(int64(out.Len()))
		for b.Loop() {
			if _, err := pgschema.Decode(bytes.NewReader(out.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	}
}
