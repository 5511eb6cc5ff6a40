package noninterference

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// The tenants. Statements speak for A; values may name B, but never C.
const (
	tenantA = 1
	tenantB = 2
	tenantC = 9
)

// tenants says whose rows are present, beside those that belong to nobody.
type tenants int

const (
	all tenants = iota
	onlyA
	withoutC
)

func (t tenants) hasTenant(id int) bool {
	return id == 0 || t == all || id == tenantA || t == withoutC && id == tenantB
}

// world is one data set, with connections to a schema for each choice of tenants.
type world struct {
	rows []row
	// states are the schemas in which rows lie in the order drawn, mirrored those in which they lie the
	// other way round and are joined by other means: a result that differs depends on chance.
	states, mirrored [3]*session
	parameters       []parameters
}

// row is a row of a table, by columns as the schema lists them, and the tenant that owns it; 0 is nobody.
type row struct {
	table  string
	tenant int
	values []string
}

func (r row) insert() string {
	return "INSERT INTO " + r.table + " VALUES (" + strings.Join(r.values, ", ") + ")"
}

// parameters are the values of $1 to $6.
type parameters struct {
	// tenant is A, or 0 for NULL as in a session without tenant; other may be B too.
	tenant, other int
	id, number    int
	name          string
	list          []int
}

// parameterTypes are the object identifiers of int4, int4, int4, text, int4 and int4[].
var parameterTypes = []uint32{23, 23, 23, 25, 23, 1007}

func (p parameters) values() [][]byte {
	var list []string
	for _, n := range p.list {
		list = append(list, strconv.Itoa(n))
	}
	return [][]byte{
		tenantValue(p.tenant), tenantValue(p.other), []byte(strconv.Itoa(p.id)),
		[]byte(p.name), []byte(strconv.Itoa(p.number)), []byte("{" + strings.Join(list, ",") + "}"),
	}
}

func tenantValue(id int) []byte {
	if id == 0 {
		return nil
	}
	return []byte(strconv.Itoa(id))
}

func (p parameters) String() string {
	return fmt.Sprintf("$1 = %d, $2 = %d, $3 = %d, $4 = '%s', $5 = %d, $6 = %v", p.tenant, p.other, p.id, p.name, p.number, p.list)
}

var names = []string{"w", "x", "y", "z"}

// newRows draws the rows of a data set. Foreign keys that carry the tenant, and those of child tables,
// stay within a tenant; customer.parent_id, which does not, may lead to another tenant's customer.
func newRows(r *rand.Rand) []row {
	var rows []row
	// Each tenant has a taste of its own, so that the least and the greatest of all are not always A's.
	low, high := 0, len(names)
	taste := func() {
		low = r.IntN(len(names))
		high = low + 1 + r.IntN(len(names)-low)
	}
	number := func(n int) string {
		if n == len(names) {
			return strconv.Itoa(1 + low + r.IntN(high-low))
		}
		return strconv.Itoa(1 + r.IntN(n))
	}
	name := func() string { return "'" + names[low+r.IntN(high-low)] + "'" }
	maybe := func(s string) string {
		if r.IntN(6) == 0 {
			return "NULL"
		}
		return s
	}
	truth := func() string { return strconv.FormatBool(r.IntN(3) > 0) }
	add := func(table string, tenant int, values ...string) { rows = append(rows, row{table, tenant, values}) }
	for i := range 3 {
		add("country", 0, strconv.Itoa(i+1), name(), number(4))
	}
	// A key that is unique in all tenants, but may be missing.
	code := func(id int) string {
		if r.IntN(2) == 0 {
			return "NULL"
		}
		return strconv.Itoa(13 - id)
	}
	ids := r.Perm(12)
	customers := map[int][]int{}
	owners := []int{tenantA, tenantB, tenantC}
	for k, tenant := range owners {
		taste()
		add("tenant", tenant, strconv.Itoa(tenant), name(), maybe(number(4)))
		few := r.IntN(5) == 0
		for i := range 4 {
			if !few || i == 0 {
				customers[tenant] = append(customers[tenant], ids[4*k+i]+1)
			}
		}
	}
	contacts, calls, payments, templates := 0, 0, 0, 0
	for _, tenant := range owners {
		taste()
		t := strconv.Itoa(tenant)
		own := customers[tenant]
		one := func() string { return strconv.Itoa(own[r.IntN(len(own))]) }
		for _, id := range own {
			parents := customers[owners[r.IntN(3)]]
			add("customer", tenant, strconv.Itoa(id), t, name(), maybe(strconv.Itoa(parents[r.IntN(len(parents))])), maybe(number(4)), truth(), code(id))
		}
		for _, n := range r.Perm(5)[:r.IntN(5)] {
			add("invoice", tenant, t, strconv.Itoa(n+1), maybe(one()), maybe(name()), maybe(number(4)))
		}
		for _, n := range r.Perm(5)[:r.IntN(4)] {
			add("event", tenant, t, strconv.Itoa(n+1), maybe(name()), maybe(number(4)))
		}
		for range r.IntN(4) {
			payments++
			add("payment", tenant, strconv.Itoa(payments), t, one(), maybe(number(4)))
		}
		for range r.IntN(3) {
			templates++
			add("template", tenant, strconv.Itoa(templates), t, name(), maybe(number(4)))
		}
		for _, customer := range own {
			for _, n := range r.Perm(4)[:r.IntN(3)] {
				contacts++
				add("contact", tenant, strconv.Itoa(contacts), strconv.Itoa(customer), strconv.Itoa(n+1), maybe(name()))
				if r.IntN(2) == 0 {
					calls++
					add("call", tenant, strconv.Itoa(calls), strconv.Itoa(contacts), maybe(number(4)), maybe(truth()))
				}
			}
		}
	}
	for range 1 + r.IntN(2) {
		templates++
		add("template", 0, strconv.Itoa(templates), "NULL", name(), maybe(number(4)))
	}
	return rows
}

func newParameters(r *rand.Rand) parameters {
	numbers := []int{1, 2, 3, 4, 5, 6, 7, 8}
	p := parameters{tenant: tenantA, other: tenantA, id: numbers[r.IntN(8)], number: 1 + r.IntN(4), name: names[r.IntN(len(names))], list: []int{tenantA}}
	if r.IntN(8) == 0 {
		p.tenant = 0
	}
	if k := r.IntN(7); k < 3 {
		p.other = tenantB
	} else if k == 3 {
		p.other = 0
	}
	switch r.IntN(4) {
	case 0:
		p.list = append(p.list, tenantB)
	case 1:
		p.list = []int{p.id}
	}
	return p
}

// newWorld makes a data set in a database.
func newWorld(t *testing.T, d *pgtest.Database, ddl string, k int, r *rand.Rand) *world {
	w := &world{rows: newRows(r)}
	for range 8 {
		w.parameters = append(w.parameters, newParameters(r))
	}
	for state := range w.states {
		w.states[state] = w.session(t, d, ddl, fmt.Sprintf("world%d_%d", k, state), tenants(state), false)
		w.mirrored[state] = w.session(t, d, ddl, fmt.Sprintf("mirror%d_%d", k, state), tenants(state), true)
	}
	return w
}

// session fills a schema with the rows of some tenants and connects to it. Foreign keys are not checked
// for the rows that are filled in, as the customer that a parent_id names may be absent.
func (w *world) session(t *testing.T, d *pgtest.Database, ddl, schema string, present tenants, mirror bool) *session {
	rows := slices.Clone(w.rows)
	if mirror {
		slices.Reverse(rows)
	}
	sql := []string{"CREATE SCHEMA " + schema, "SET search_path = " + schema, ddl, "SET session_replication_role = replica"}
	for _, r := range rows {
		if present.hasTenant(r.tenant) {
			sql = append(sql, r.insert())
		}
	}
	d.Exec(t, strings.Join(sql, ";\n"))
	config, err := pgx.ParseConfig(d.DSN(pgtest.Superuser))
	require.NoError(t, err)
	config.RuntimeParams["search_path"] = schema
	config.RuntimeParams["app.tenant_id"] = strconv.Itoa(tenantA)
	config.RuntimeParams["statement_timeout"] = "1000"
	config.RuntimeParams["jit"] = "off"
	if mirror {
		for _, method := range []string{"enable_hashjoin", "enable_indexscan", "enable_bitmapscan", "enable_hashagg"} {
			config.RuntimeParams[method] = "off"
		}
	}
	conn, err := pgconn.ConnectConfig(t.Context(), &config.Config)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	s := &session{conn: conn}
	s.start(t)
	return s
}
