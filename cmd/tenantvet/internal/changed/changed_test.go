package changed

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

// repository makes a git repository with a first commit, and returns how to write and commit files.
func repository(t *testing.T) (dir string, write func(name, text string), commit func()) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	run("init", "--quiet", "--initial-branch=main")
	write = func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	commit = func() {
		t.Helper()
		run("add", "-A")
		run("commit", "--quiet", "--allow-empty", "-m", "x")
	}
	return dir, write, commit
}

const goFile = `package x

func one() {
	a()
	b()
}

func two() {
	c()
}
`

const sqlFile = `SELECT
  a,
  b
FROM t;

SELECT c FROM t;
`

func TestFilter(t *testing.T) {
	at := func(file string, line int) finding.Position {
		return finding.Position{File: file, Line: line, Column: 1}
	}
	all := []finding.Position{at("x.go", 4), at("x.go", 9), at("x.sql", 1), at("x.sql", 6), at("ä b.sql", 1)}
	tests := map[string]struct {
		file, text string
		want       []finding.Position
	}{
		"nothing":                       {"other.txt", "x", nil},
		"a line of a function":          {"x.go", replaceLine(goFile, 5, "\td()"), []finding.Position{at("x.go", 4)}},
		"a removed line of a function":  {"x.go", "package x\n\nfunc one() {\n\ta()\n}\n\nfunc two() {\n\tc()\n}\n", []finding.Position{at("x.go", 4)}},
		"a line of a statement":         {"x.sql", replaceLine(sqlFile, 3, "  d"), []finding.Position{at("x.sql", 1)}},
		"a new file, not yet committed": {"new.sql", "SELECT 1;\n", []finding.Position{at("new.sql", 1)}},
		"a name that git quotes":        {"ä b.sql", "SELECT 2;\n", []finding.Position{at("ä b.sql", 1)}},
		"the model":                     {".tenantvet.yml", "tenant: {columns: [org_id]}\n", append(all, at("new.sql", 1))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, write, commit := repository(t)
			write("x.go", goFile)
			write("x.sql", sqlFile)
			write("ä b.sql", "SELECT 1;\n")
			write(".tenantvet.yml", "tenant: {columns: [tenant_id]}\n")
			commit()
			write(tt.file, tt.text)
			r := &finding.Result{}
			for _, p := range append(all, at("new.sql", 1)) {
				p.File = filepath.Join(dir, p.File)
				r.Findings = append(r.Findings, finding.New("query-unscoped", p, "", "m"))
			}
			require.NoError(t, Filter(t.Context(), dir, "HEAD", filepath.Join(dir, ".tenantvet.yml"), r))
			var got []finding.Position
			for _, f := range r.Findings {
				f.File, _ = filepath.Rel(dir, f.File)
				got = append(got, f.Position)
			}
			assert.ElementsMatch(t, tt.want, got)
		})
	}
}

func replaceLine(text string, n int, with string) string {
	lines := strings.Split(text, "\n")
	lines[n-1] = with
	return strings.Join(lines, "\n")
}

func TestConsequences(t *testing.T) {
	dir, write, commit := repository(t)
	write("x.go", goFile)
	write("x.sql", sqlFile)
	commit()
	write("x.sql", replaceLine(sqlFile, 6, "SELECT d FROM t;"))
	f := finding.New("query-unscoped", finding.Position{File: filepath.Join(dir, "x.go"), Line: 4}, "", "m")
	f.Related = []finding.Related{{Position: finding.Position{File: filepath.Join(dir, "x.sql"), Line: 6}, Message: "since here"}}
	r := &finding.Result{
		Findings:  []finding.Finding{f},
		Undecided: []finding.Undecided{{Position: finding.Position{File: filepath.Join(dir, "x.go"), Line: 4}}},
		Skipped:   []finding.Skipped{{What: "y", Broken: true}},
	}
	require.NoError(t, Filter(t.Context(), dir, "HEAD", "", r))
	assert.Len(t, r.Findings, 1, "a related position changed")
	assert.Empty(t, r.Undecided)
	assert.Len(t, r.Skipped, 1, "what could not be read is never left out")
}

func TestRenamedAndAttributed(t *testing.T) {
	dir, write, commit := repository(t)
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		require.NoError(t, cmd.Run())
	}
	write("x.go", goFile)
	write("x.sql", sqlFile)
	write(".gitattributes", "*.sql -diff\n")
	commit()
	git("mv", "x.go", "y.go")
	write("x.sql", replaceLine(sqlFile, 6, "SELECT d FROM t;"))
	lines, err := since(t.Context(), dir, "HEAD")
	require.NoError(t, err)
	assert.Equal(t, map[string][]finding.Lines{filepath.Join(dir, "x.sql"): {{From: 6, To: 6}}}, lines, "a file that only moved has no changed line")
}

// On a branch, what happened on main meanwhile is no change of the branch.
func TestMergeBase(t *testing.T) {
	dir, write, commit := repository(t)
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		require.NoError(t, cmd.Run())
	}
	write("x.go", goFile)
	commit()
	git("checkout", "--quiet", "-b", "branch")
	git("checkout", "--quiet", "main")
	write("x.go", replaceLine(goFile, 9, "\td()"))
	commit()
	git("checkout", "--quiet", "branch")
	write("x.go", replaceLine(goFile, 4, "\te()"))
	commit()
	lines, err := since(t.Context(), dir, "main")
	require.NoError(t, err)
	assert.Equal(t, map[string][]finding.Lines{filepath.Join(dir, "x.go"): {{From: 4, To: 4}}}, lines)
}

func TestErrors(t *testing.T) {
	dir, _, commit := repository(t)
	commit()
	assert.EqualError(t, Filter(t.Context(), dir, "nowhere", "", &finding.Result{}),
		"--changed-since nowhere: git knows no such revision (a shallow clone lacks older ones: git fetch --unshallow)")
	assert.EqualError(t, Filter(t.Context(), dir, "--output=x", "", &finding.Result{}), "--changed-since --output=x: not a revision")
	assert.ErrorContains(t, Filter(t.Context(), t.TempDir(), "HEAD", "", &finding.Result{}), "not a git repository")
}
