package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantvet/tenantvet/shadow/server"
)

// supported are the major versions tenantvet is tested on; .ci/servers installs all of them.
var supported = []int{15, 16, 17, 18}

// Majors returns the supported PostgreSQL major versions that are installed, oldest first.
func Majors() []int {
	var installed []int
	for _, major := range supported {
		if _, ok := binaries(major); ok {
			installed = append(installed, major)
		}
	}
	return installed
}

// EachMajor runs test once per supported major version, each as a parallel subtest with the shared server of that version.
func EachMajor(t *testing.T, test func(t *testing.T, s *Server)) {
	for _, major := range supported {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			t.Parallel()
			test(t, Start(t, major))
		})
	}
}

// binaries finds the folder with initdb and postgres of one major version.
func binaries(major int) (string, bool) { return server.Find(major, cacheDir()) }

// cacheDir is where .ci/servers keeps what it downloads. Root's own home is closed to the user the servers run as.
func cacheDir() string {
	if dir := os.Getenv("TENANTVET_CACHE"); dir != "" {
		return dir
	}
	if os.Getuid() == 0 {
		return "/var/cache/tenantvet-dev"
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".cache", "tenantvet-dev")
}

// require finds the binaries, or ends the test: a skip on a developer's machine, a failure where the servers are promised.
func require(t testing.TB, major int) string {
	t.Helper()
	bin, ok := binaries(major)
	if ok {
		return bin
	}
	if os.Getenv("TENANTVET_REQUIRE_SERVERS") == "1" {
		t.Fatalf("PostgreSQL %d is not installed and TENANTVET_REQUIRE_SERVERS=1; run .ci/servers", major)
	}
	t.Skipf("PostgreSQL %d is not installed; run .ci/servers", major)
	return ""
}
