package shadow

import (
	"context"
	"fmt"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// Read returns the schema of the database. Its objects carry the origins, and it the events, that
// replaying the same files finds.
func (d *Database) Read(ctx context.Context, files []replay.File) (*pgschema.Schema, error) {
	conn, err := d.Session(ctx, "")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	live, err := catalog.Read(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("shadow database: %w", err)
	}
	for name := range live.Roles {
		if name == d.base.User && name != d.owner {
			delete(live.Roles, name)
		}
	}
	replayed := replay.Replay(files, replay.Options{PGVersion: d.Version, Owner: d.owner})
	d.forgetSurroundings(live, replayed)
	locate(live, replayed)
	return live, nil
}
