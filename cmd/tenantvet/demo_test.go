package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

const demo = "../../testdata/demo"

func TestDemoIsCleanWithoutThePlantedDefects(t *testing.T) {
	result, code := checkDemo(t, demo, "./cmd/...", "./internal/...")
	assert.Empty(t, result.Findings)
	assert.Empty(t, result.Undecided)
	assert.Equal(t, clean, code)
}

func TestDemoShowsEveryPlantedDefectAndNothingElse(t *testing.T) {
	planted := filepath.Join(demo, "planted")
	want := markers(t, planted)
	result, code := checkDemo(t, planted, "./...")
	var got []string
	for _, f := range result.Findings {
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.ToSlash(f.File), f.Line, f.Rule))
	}
	slices.Sort(got)
	assert.Equal(t, want, got)
	assert.Equal(t, failing, code)

	for _, r := range finding.Rules() {
		// Live rules need a running server, the others here a schema for each tenant.
		if r.Lens == finding.LensLive || slices.Contains([]string{"role-spans-schemas", "schema-drift", "search-path-falls-through"}, r.Name) {
			continue
		}
		assert.True(t, slices.ContainsFunc(want, func(m string) bool { return strings.HasSuffix(m, " "+r.Name) }),
			"the demo plants no %s", r.Name)
	}
}

// checkDemo runs the command in a folder of the demo.
func checkDemo(t *testing.T, dir string, patterns ...string) (finding.Result, int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), append([]string{"-C", dir, "--format", "json"}, patterns...), &stdout, &stderr)
	var result finding.Result
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &result), "stderr: %s", &stderr)
	return result, code
}

var marker = regexp.MustCompile(`planted( above)?: ([a-z-]+)`)

// markers collects the "planted: rule" comments below a folder as "file:line rule", sorted.
func markers(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) == ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		for i, line := range strings.Split(string(text), "\n") {
			for _, m := range marker.FindAllStringSubmatch(line, -1) {
				n := i + 1
				if m[1] != "" {
					n--
				}
				found = append(found, fmt.Sprintf("%s:%d %s", filepath.ToSlash(rel), n, m[2]))
			}
		}
		return err
	}))
	slices.Sort(found)
	return found
}
