package fleet

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/tenancy"
)

// routes says which tenants are in which database.
type routes struct {
	// databases are the names of those that a tenant is routed to, by its id.
	databases map[string][]string
	// tenants are the ids of those that a database is given, by its name.
	tenants map[string][]string
}

func (r *routes) add(tenant, database string) {
	if slices.Contains(r.databases[tenant], database) {
		return
	}
	r.databases[tenant] = append(r.databases[tenant], database)
	r.tenants[database] = append(r.tenants[database], tenant)
}

// known reports whether anything says where tenants are.
func (r *routes) known() bool { return len(r.databases) > 0 }

// resolve lists the databases of a fleet and the routes to them. What is wrong with a route is said in
// the result.
func resolve(ctx context.Context, file *tenancy.Fleet, whole *finding.Result) ([]*target, *routes, error) {
	r := &routes{databases: map[string][]string{}, tenants: map[string][]string{}}
	var targets []*target
	byName, byDatabase := map[string]*target{}, map[string]*target{}
	add := func(t *target) *target {
		if known := byName[t.name]; known != nil {
			return known
		}
		if known := byDatabase[t.database]; known != nil && t.name == t.database {
			return known // under a name that the fleet file gives it
		}
		byName[t.name], byDatabase[t.database] = t, t
		targets = append(targets, t)
		return t
	}
	for _, db := range file.Databases {
		t := targetOf(db.Name, db.DSN, db.At)
		if other := add(t); other != t {
			whole.Skipped = append(whole.Skipped, finding.Skipped{What: "database " + t.name,
				Reason: fmt.Sprintf("line %d of the fleet file means the database of line %d", db.At.Line, other.at.Line)})
			continue
		}
		for _, tenant := range db.Tenants {
			r.add(tenant, t.name)
		}
	}
	if file.Routing != nil {
		rows, err := readRouting(ctx, file.Routing)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: routing: %w", file.Routing.At, err)
		}
		for _, row := range rows {
			t := byName[row.database]
			if row.database == "" || t == nil && row.locates() {
				t = add(targetOf(row.database, row.dsn(), file.Routing.At))
			}
			switch {
			case t == nil:
				whole.Skipped = append(whole.Skipped, finding.Skipped{What: "database " + row.database, Broken: true,
					Reason: "the routing table names it, but nothing under databases in the fleet file has this name"})
			case row.tenant != "":
				r.add(row.tenant, t.name)
			}
		}
	}
	whole.Findings = append(whole.Findings, r.twice(file)...)
	if len(targets) == 0 {
		return nil, nil, fmt.Errorf("%s: the routing table gives no database", file.File)
	}
	return targets, r, nil
}

// route is one row of a routing table.
type route struct {
	tenant, database, connection string
	pairs                        [][2]string // of a DSN
}

// locates reports whether a row says how to connect.
func (r *route) locates() bool { return r.connection != "" || len(r.pairs) > 0 }

// dsn writes the connection string of a row (PostgreSQL manual, 34.1.1.1).
func (r *route) dsn() string {
	if r.connection != "" {
		return r.connection
	}
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var parts []string
	for _, p := range r.pairs {
		parts = append(parts, fmt.Sprintf("%s='%s'", p[0], escape.Replace(p[1])))
	}
	return strings.Join(parts, " ")
}

// columns are those that a routing query may have.
var columns = []string{"tenant", "database", "dsn", "host", "port", "dbname", "user", "service", "sslmode"}

// readRouting asks a routing table.
func readRouting(ctx context.Context, routing *tenancy.Routing) ([]route, error) {
	conn, err := livecheck.Connect(ctx, routing.DSN)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := catalog.Begin(ctx, conn, pgx.ReadCommitted)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx) // it has written nothing
	answer, err := tx.Query(ctx, routing.Query+"\n"+catalog.Marker, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	var names []string
	for _, field := range answer.FieldDescriptions() {
		if !slices.Contains(columns, field.Name) {
			return nil, fmt.Errorf("the query has a column %q: give its columns the names %s", field.Name, strings.Join(columns, ", "))
		}
		names = append(names, field.Name)
	}
	var rows []route
	for answer.Next() {
		var r route
		for i, raw := range answer.RawValues() {
			r.set(names[i], string(raw))
		}
		if r.database == "" && !r.locates() {
			return nil, fmt.Errorf("row %d names no database: the query needs a column database, dsn, or host and dbname", len(rows)+1)
		}
		rows = append(rows, r)
	}
	return rows, answer.Err()
}

func (r *route) set(column, value string) {
	switch {
	case value == "":
	case column == "tenant":
		r.tenant = value
	case column == "database":
		r.database = value
	case column == "dsn":
		r.connection = value
	case column == "host" && strings.Contains(value, ":") && net.ParseIP(value) == nil:
		if host, port, err := net.SplitHostPort(value); err == nil {
			r.pairs = append(r.pairs, [2]string{"host", host}, [2]string{"port", port})
		}
	default:
		r.pairs = append(r.pairs, [2]string{column, value})
	}
}
