package server

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// releases are the versions that Fetch can get.
var releases = map[int]embedded.PostgresVersion{
	15: embedded.V15, 16: embedded.V16, 17: embedded.V17, 18: embedded.V18,
}

// Fetch downloads the binaries of one major version into a cache folder, where Find meets them from
// then on, and returns their folder.
func Fetch(ctx context.Context, major int, cache string) (bin string, err error) {
	release, ok := releases[major]
	if !ok {
		return "", fmt.Errorf("no binaries of PostgreSQL %d are offered", major)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	target := filepath.Join(cache, "postgres", strconv.Itoa(major))
	if err := os.MkdirAll(target, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp("", "tenantvet-fetch-")
	if err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() {
		defer os.RemoveAll(work)
		// The library has no call that only downloads. With an encoding that no server has, it stops
		// behind the download, at initdb.
		done <- embedded.NewDatabase(embedded.DefaultConfig().
			Version(release).CachePath(work).RuntimePath(filepath.Join(work, "run")).BinariesPath(target).
			Encoding("none").Port(freePort()).Logger(io.Discard)).Start()
	}()
	select {
	case err = <-done:
	case <-ctx.Done(): // the download itself cannot be interrupted
		return "", ctx.Err()
	}
	if bin = filepath.Join(target, "bin"); complete(bin) {
		return bin, nil
	}
	return "", err
}
