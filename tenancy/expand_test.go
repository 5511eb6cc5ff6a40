package tenancy

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpand(t *testing.T) {
	root := repository(t, map[string]string{
		"schema.sql": "", "README.md": "",
		"m/1_a.sql": "", "m/2_b.sql": "", "m/10_c.sql": "", "m/notes.txt": "", "m/1_a.down.sql": "", "m/_archive/0_old.sql": "",
		"m/.cache/x.sql": "", "prisma/2023_a/migration.sql": "", "prisma/2024_b/migration.sql": "", "empty/x.txt": "",
		"q/node_modules/x.sql": "", "q/a/b/c.sql": "", "q/a.sql": "", "fly/V1__a.sql": "", "fly/V1.10__c.sql": "", "fly/V1.2__b.sql": "",
		"fly/R__views.sql": "", "fly/U1__a.sql": "", "fly/v2__d.SQL": "", "down/1.sql": "", "m2/down/1.sql": "", "m2/up/1.sql": "",
	})
	for pattern, want := range map[string][]string{
		"schema.sql":         {"schema.sql"},
		"m":                  {"m/1_a.sql", "m/2_b.sql", "m/10_c.sql"},
		"m/":                 {"m/1_a.sql", "m/2_b.sql", "m/10_c.sql"},
		"./m/*.sql":          {"m/1_a.sql", "m/2_b.sql", "m/10_c.sql"},
		"m/?_*.sql":          {"m/1_a.sql", "m/2_b.sql"},
		"m/1_a.down.sql":     {"m/1_a.down.sql"},
		"prisma":             {"prisma/2023_a/migration.sql", "prisma/2024_b/migration.sql"},
		"prisma/*/x*.sql":    nil,
		"prisma/*/migration": nil,
		"q/**/*.sql":         {"q/a.sql", "q/a/b/c.sql"},
		"q/**":               {"q/a.sql", "q/a/b/c.sql"},
		"q/*":                {"q/a.sql"},
		"*/*/migration.sql":  {"prisma/2023_a/migration.sql", "prisma/2024_b/migration.sql"},
		"fly":                {"fly/V1__a.sql", "fly/V1.2__b.sql", "fly/V1.10__c.sql", "fly/v2__d.SQL", "fly/R__views.sql"},
		"m2":                 {"m2/up/1.sql"},
		"empty":              nil,
		"nowhere":            nil,
		"no*/x.sql":          nil,
	} {
		t.Run(pattern, func(t *testing.T) {
			files, err := Expand(root, pattern)
			if want == nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, want, relativeTo(t, root, files))
		})
	}
	files, err := Expand("/elsewhere", filepath.Join(root, "m"))
	require.NoError(t, err)
	assert.Len(t, files, 3, "an absolute path does not depend on the root")
}

func TestInOrder(t *testing.T) {
	for _, want := range [][]string{
		{"1_a.sql", "2_a.sql", "10_a.sql"},
		{"001_a.sql", "2_b.sql", "010_c.sql"},
		{"20230101_a.sql", "20230101_b.sql", "20230102_a.sql"},
		{"V1__a.sql", "V1_1__b.sql", "V2__c.sql", "R__a.sql"},
		{"a/9.sql", "b/1.sql"},
		{"99999999999999999999_a.sql", "100000000000000000000_b.sql"},
	} {
		got := slices.Clone(want)
		slices.Reverse(got)
		assert.Equal(t, want, InOrder(got))
	}
}

func TestFind(t *testing.T) {
	root := repository(t, map[string]string{
		FileName: "", "repo/.git/HEAD": "", "repo/go.mod": "", "repo/a/b/x.go": "",
		"own/.git/HEAD": "", "own/" + FileName: "", "own/svc/go.mod": "", "own/svc/x.go": "",
		"own/testdata/demo/go.mod": "", "own/testdata/demo/cmd/x.go": "", "own/testdata/src/a/x.go": "",
		"own/x/testdata/.tenantvet.yaml": "", "own/x/testdata/src/b/b.go": "",
		"plain/mono/go.mod": "", "plain/mono/svc/go.mod": "", "plain/mono/svc/x/x.go": "", "plain/none/x.go": "",
	})
	for dir, want := range map[string]struct{ file, root string }{
		"repo/a/b":              {"", "repo"},
		"own/svc":               {"own/" + FileName, "own"},
		"own/testdata/demo/cmd": {"", "own/testdata/demo"},
		"own/testdata/src/a":    {"", "own/testdata/src/a"},
		"own/x/testdata/src/b":  {"own/x/testdata/.tenantvet.yaml", "own/x/testdata/src/b"},
		"own/x/testdata":        {"own/x/testdata/.tenantvet.yaml", "own/x/testdata"},
		"plain/mono/svc/x":      {FileName, "plain/mono"},
		"plain/none":            {FileName, "plain/none"},
		"plain/missing":         {FileName, "plain/missing"},
	} {
		t.Run(dir, func(t *testing.T) {
			from := filepath.Join(root, dir)
			file := Find(from)
			if file != "" {
				file = relativeTo(t, root, []string{file})[0]
			}
			assert.Equal(t, want.file, file)
			assert.Equal(t, []string{want.root}, relativeTo(t, root, []string{Root(from)}))
		})
	}
}
