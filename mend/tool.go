package mend

import "github.com/tenantvet/tenantvet/tenancy"

// tool is how a migration tool wants a migration to be written.
type tool struct {
	// wraps says that it runs each migration in a transaction. Within begins such a migration, alone one
	// that the tool is told not to wrap.
	wraps         bool
	within, alone string
	// begin and end enclose statements that it must send together.
	begin, end string
	// together says that it sends every migration together, as one transaction.
	together bool
	footer   string
}

// tools are those that want more than SQL.
var tools = map[tenancy.Format]tool{
	tenancy.Goose: {
		wraps: true, within: "-- +goose Up\n", alone: "-- +goose NO TRANSACTION\n-- +goose Up\n",
		begin: "-- +goose StatementBegin\n", end: "-- +goose StatementEnd\n",
	},
	tenancy.SQLMigrate: {
		wraps: true, within: "-- +migrate Up\n", alone: "-- +migrate Up notransaction\n",
		begin: "-- +migrate StatementBegin\n", end: "-- +migrate StatementEnd\n",
	},
	tenancy.Tern:          {wraps: true, alone: "---- tern: disable-tx ----\n"},
	tenancy.Atlas:         {wraps: true, alone: "-- atlas:txmode none\n\n"},
	tenancy.Dbmate:        {wraps: true, within: "-- migrate:up\n", alone: "-- migrate:up transaction:false\n", together: true, footer: "\n-- migrate:down\n"},
	tenancy.GolangMigrate: {together: true},
	tenancy.Flyway:        {together: true},
}
