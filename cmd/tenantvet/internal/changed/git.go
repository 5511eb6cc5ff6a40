package changed

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// since returns the lines changed since a revision, by absolute file; a new file is changed whole.
func since(ctx context.Context, dir, rev string) (map[string][]finding.Lines, error) {
	if strings.HasPrefix(rev, "-") {
		return nil, fmt.Errorf("--changed-since %s: not a revision", rev)
	}
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	root := filepath.FromSlash(strings.TrimSpace(top))
	base, err := git(ctx, dir, "merge-base", rev, "HEAD")
	if err != nil { // unknown revision, or no common history
		if base, err = git(ctx, dir, "rev-parse", "--verify", "--quiet", rev+"^{commit}"); err != nil {
			return nil, fmt.Errorf("--changed-since %s: git knows no such revision (a shallow clone lacks older ones: git fetch --unshallow)", rev)
		}
	}
	// A repository's attributes may call SQL or generated code binary (-diff) or convert it to be shown.
	diff, err := git(ctx, root, "-c", "core.quotePath=false", "diff", "--no-color", "--no-ext-diff", "--text", "--no-textconv",
		"--find-renames", "--unified=0",
		"--src-prefix=a/", "--dst-prefix=b/", strings.TrimSpace(base), "--")
	if err != nil {
		return nil, err
	}
	lines := map[string][]finding.Lines{}
	parseDiff(diff, func(file string, l finding.Lines) {
		file = filepath.Join(root, filepath.FromSlash(file))
		lines[file] = append(lines[file], l)
	})
	untracked, err := git(ctx, root, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	for file := range strings.SplitSeq(untracked, "\x00") {
		if file != "" {
			lines[filepath.Join(root, filepath.FromSlash(file))] = []finding.Lines{{From: 1, To: math.MaxInt}}
		}
	}
	return lines, nil
}

// parseDiff reports the lines of the new side of each hunk of a unified diff without context. Where
// lines were only removed, it reports those before and behind the gap.
func parseDiff(diff string, report func(file string, l finding.Lines)) {
	file := ""
	for line := range strings.SplitSeq(diff, "\n") {
		switch {
		case strings.HasPrefix(line, "diff --git "):
			file = ""
		case file == "" && strings.HasPrefix(line, "+++ "):
			file = newFile(line[len("+++ "):])
		case file != "" && strings.HasPrefix(line, "@@ -"):
			if l, ok := hunk(line); ok {
				report(file, l)
			}
		}
	}
}

// newFile reads the name behind "+++ "; git quotes names with special characters like C strings.
func newFile(name string) string {
	name = strings.TrimSuffix(name, "\t")
	if unquoted, err := strconv.Unquote(name); err == nil {
		name = unquoted
	}
	name, _ = strings.CutPrefix(name, "b/")
	return name
}

// hunk reads "@@ -a,b +c,d @@": d lines from c on, one when d is absent.
func hunk(line string) (finding.Lines, bool) {
	_, rest, ok := strings.Cut(line, " +")
	if !ok {
		return finding.Lines{}, false
	}
	span, _, _ := strings.Cut(rest, " ")
	start, count, counted := strings.Cut(span, ",")
	from, err := strconv.Atoi(start)
	if err != nil {
		return finding.Lines{}, false
	}
	n := 1
	if counted {
		if n, err = strconv.Atoi(count); err != nil {
			return finding.Lines{}, false
		}
	}
	if n == 0 {
		return finding.Lines{From: from, To: from + 1}, true
	}
	return finding.Lines{From: from, To: from + n - 1}, true
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("--changed-since needs git, which is not installed")
	case errors.As(err, &exit):
		return "", fmt.Errorf("--changed-since: git %s: %s", args[0], strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
