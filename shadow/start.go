package shadow

import (
	"context"
	"fmt"

	"github.com/tenantvet/tenantvet/shadow/server"
)

// Major versions that a private server may have.
const oldest, newest = 15, 18

// start starts a private server: of the version asked for, or of the nearest one that is installed
// when nobody asked for exactly that one.
func (d *Database) start(ctx context.Context, opts Options) (*server.Server, error) {
	if opts.Version == 0 {
		opts.Version = newest
	}
	if opts.Exactly && (opts.Version < oldest || opts.Version > newest) {
		return nil, fmt.Errorf("PostgreSQL %d: private servers are of versions %d to %d; --shadow-dsn names a server of another", opts.Version, oldest, newest)
	}
	cache := server.CacheDir()
	bin, major, found := choose(opts, func(major int) (string, bool) { return server.Find(major, cache) })
	if !found {
		major = min(max(opts.Version, oldest), newest)
		var err error
		if bin, err = server.Fetch(ctx, major, cache); err != nil {
			return nil, fmt.Errorf("PostgreSQL %d is not installed and could not be fetched (%w): install its server package, or name a server with --shadow-dsn", major, err)
		}
	}
	if major != opts.Version {
		d.note("PostgreSQL %d stands in for %d, which is not installed; --pg-version %d insists on it", major, opts.Version, opts.Version)
	}
	return server.Start(ctx, bin, major)
}

// choose finds the installed version that is nearest to the one asked for, newer ones first.
func choose(opts Options, find func(major int) (string, bool)) (bin string, major int, found bool) {
	for distance := 0; distance <= newest-oldest; distance++ {
		for _, major := range []int{opts.Version + distance, opts.Version - distance} {
			if bin, ok := find(major); ok && major >= oldest {
				return bin, major, true
			}
			if opts.Exactly {
				return "", 0, false
			}
		}
	}
	return "", 0, false
}
