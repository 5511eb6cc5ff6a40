// Command defects runs tenantvet on real defects of public repositories: each must be flagged on the
// parent of the commit that fixed it and silent on the fix.
//
// Usage: go run ./testdata/defects [-tenantvet bin/tenantvet] CHECKOUTS
//
// CHECKOUTS is a folder with two work trees for each case: <repository>-<fix>-before, the parent of the
// commit, and <repository>-<fix>-after, the commit. They are only read.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// defect is one fixed defect.
type defect struct {
	// repository and fix, the commit that mended the defect, name the work trees.
	repository, fix string
	// dir is the folder to run in, args what to run there.
	dir  string
	args []string
	// rule and where are patterns of the finding that must come and go; where is matched with
	// "file: object: message" and the evidence.
	rule, where string
}

var cases = []defect{
	{"gram", "4de0cd2853", "server", []string{"sql"}, `query-(by-id-)?unscoped`, `internal/risk/queries.sql.*risk_results \(rr\) by risk_policy_id`},
	{"gram", "542572cafb", "server", []string{"sql"}, `query-(by-id-)?unscoped`, `internal/chat/queries.sql.*\bCountChatMessages\b`},
	{"gram", "0684351430", "server", []string{"sql"}, `predicate-fails-open`, `internal/chat/queries.sql`},
	{"gram", "0684351430", "server", []string{"sql"}, `query-(by-id-)?unscoped`, `internal/chat/queries.sql.*\bGetMaxGenerationForChat\b`},
	{"gram", "0684351430", "server", []string{"sql"}, `upsert-crosses-tenant`, `internal/chat/queries.sql.*\bUpsertChat\b`},
	{"gram", "0c145eaf12", "server", []string{"sql"}, `query-by-id-unscoped`, `internal/environments/queries.sql.*adds a row.*query UpsertEnvironmentEntry`},
	{"hoop", "f728cdde11", "gateway", []string{"./models"}, `query-unscoped`, `models/connections.go.*plugins`},
	{"permify", "696f82c490", ".", []string{"./internal/storage/postgres/..."}, `query-unscoped`, `postgres/gc/gc.go.*deletes rows of every tenant`},
	{"unkey", "c9d76d6948", "go", []string{"--tenant-column", "workspace_id", "./apps/api/routes/v2_ratelimit_limit"}, `cache-key-unscoped`, `v2_ratelimit_limit/handler.go`},
}

func main() {
	binary := flag.String("tenantvet", "bin/tenantvet", "the `path` of tenantvet")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: go run ./testdata/defects [-tenantvet PATH] CHECKOUTS")
		os.Exit(2)
	}
	path, err := filepath.Abs(*binary)
	if err != nil {
		fmt.Fprintln(os.Stderr, "defects:", err)
		os.Exit(2)
	}
	failed := 0
	for _, c := range cases {
		verdict := "ok"
		tree := filepath.Join(flag.Arg(0), c.repository+"-"+c.fix)
		before, err := c.count(path, tree+"-before")
		after, errAfter := c.count(path, tree+"-after")
		switch {
		case err != nil || errAfter != nil:
			verdict = errors.Join(err, errAfter).Error()
		case before == 0:
			verdict = "not flagged before the fix"
		case after > 0:
			verdict = "still flagged after the fix"
		}
		if verdict != "ok" {
			failed++
		}
		fmt.Printf("%-8s %s  %-32s before %2d  after %2d  %s\n", c.repository, c.fix, c.rule, before, after, verdict)
	}
	fmt.Printf("%d passed, %d failed\n", len(cases)-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

// count runs tenantvet on one work tree and counts the findings that are the defect.
func (d defect) count(tenantvet, tree string) (n int, err error) {
	cmd := exec.Command(tenantvet, append([]string{"--format", "json"}, d.args...)...)
	cmd.Dir = filepath.Join(tree, d.dir)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	var result struct {
		Findings []struct {
			Rule, File, Object, Message string
			Evidence                    []string
		}
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return 0, fmt.Errorf("%s in %s: %w: %s", tenantvet, tree, err, exit.Stderr)
	}
	rule, where := regexp.MustCompile(`^(`+d.rule+`)$`), regexp.MustCompile(d.where)
	for _, f := range result.Findings {
		if rule.MatchString(f.Rule) && where.MatchString(f.File+": "+f.Object+": "+f.Message+" "+strings.Join(f.Evidence, " ")) {
			n++
		}
	}
	return n, nil
}
