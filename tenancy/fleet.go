package tenancy

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tenantvet/tenantvet/finding"
)

// Fleet is a list of databases to audit together, as a fleet file gives it.
type Fleet struct {
	// File is the path of the fleet file.
	File string
	// Databases are those that the file lists.
	Databases []FleetDatabase
	// Routing asks a database which databases there are, and which tenants are on each; nil for none.
	Routing *Routing
	// Parallel bounds how many databases of one server are audited at a time.
	Parallel int
	// Notes are lines for the reader.
	Notes []string
}

// FleetDatabase is one database of a fleet.
type FleetDatabase struct {
	// Name is what reports and the routing table call it; empty for host/dbname.
	Name string
	// DSN is the connection string, in which variables are replaced.
	DSN string
	// Tenants are the ids of the tenants whose rows belong there; nil when the file does not say.
	Tenants []string
	At      finding.Position
}

// Routing is the query of a routing table.
type Routing struct {
	DSN, Query string
	At         finding.Position
}

// Bounds on the databases of one server that are audited at a time. More than the default makes
// catalog queries slower rather than faster.
const (
	DefaultParallel = 4
	MaxParallel     = 64
)

// LoadFleet reads a fleet file; ${NAME} in a connection string stands for a variable of the environment,
// which lookup returns. The error is of type Errors when it is about the content of the file; it never
// holds a connection string.
func LoadFleet(path string, lookup func(string) (string, bool)) (*Fleet, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := readAtMost(path, maxFileSize+1)
	if err != nil {
		return nil, err
	}
	d, body, broken := document(path, text)
	if broken != nil {
		return nil, Errors{broken}
	}
	f := &Fleet{File: path, Parallel: DefaultParallel}
	d.fleet(f, body, lookup)
	errs := d.sorted()
	for _, e := range errs {
		e.Message = password.ReplaceAllString(e.Message, "${1}…")
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

func (d *decoder) fleet(f *Fleet, n ast.Node, lookup func(string) (string, bool)) {
	d.mapping(n,
		field{"parallel", d.parallel(&f.Parallel)},
		field{"databases", func(n ast.Node) {
			d.list(n, func(n ast.Node) { f.Databases = append(f.Databases, d.fleetDatabase(f, n, lookup)) })
		}},
		field{"routing", func(n ast.Node) { f.Routing = d.routing(f, n, lookup) }},
	)
	if len(d.errs) == 0 && len(f.Databases) == 0 && f.Routing == nil {
		d.errorf(n, "no databases; list them under databases, each with a dsn, or give a dsn and a query under routing")
	}
	names := map[string]finding.Position{}
	for _, db := range f.Databases {
		if first, twice := names[db.Name]; twice && db.Name != "" {
			d.errs = append(d.errs, &Error{db.At, fmt.Sprintf("the name %q stands twice, first in line %d", db.Name, first.Line)})
		}
		names[db.Name] = db.At
	}
}

func (d *decoder) fleetDatabase(f *Fleet, n ast.Node, lookup func(string) (string, bool)) FleetDatabase {
	db := FleetDatabase{At: d.at(n)}
	if _, isText := text(n); isText {
		d.dsn(f, &db.DSN, lookup)(n)
		return db
	}
	before := len(d.errs)
	d.mapping(n,
		field{"name", d.string(&db.Name)},
		field{"dsn", d.dsn(f, &db.DSN, lookup)},
		field{"tenants", d.ids(&db.Tenants)},
	)
	if db.DSN == "" && len(d.errs) == before {
		d.errorf(n, "a database without dsn")
	}
	return db
}

func (d *decoder) routing(f *Fleet, n ast.Node, lookup func(string) (string, bool)) *Routing {
	r := &Routing{At: d.at(n)}
	before := len(d.errs)
	d.mapping(n, field{"dsn", d.dsn(f, &r.DSN, lookup)}, field{"query", d.string(&r.Query)})
	if len(d.errs) == before && (r.DSN == "" || r.Query == "") {
		d.errorf(n, "routing needs a dsn and a query")
	}
	return r
}

// ids reads a list of tenant ids, which may be numbers.
func (d *decoder) ids(to *[]string) func(ast.Node) {
	return func(n ast.Node) {
		*to = []string{}
		d.list(n, func(item ast.Node) {
			if v, ok := item.(*ast.IntegerNode); ok {
				*to = append(*to, fmt.Sprint(v.Value))
				return
			}
			var s string
			if d.string(&s)(item); s != "" {
				*to = append(*to, s)
			}
		})
	}
}

func (d *decoder) parallel(to *int) func(ast.Node) {
	return func(n ast.Node) {
		v, ok := n.(*ast.IntegerNode)
		if !ok {
			d.wrongType(n, "a whole number")
			return
		}
		number, err := strconv.Atoi(fmt.Sprint(v.Value))
		if err != nil || number < 1 || number > MaxParallel {
			d.errorf(n, "%v databases of a server at a time; give a number between 1 and %d", v.Value, MaxParallel)
			return
		}
		*to = number
	}
}

var (
	variable = regexp.MustCompile(`\$\{([^}]*)\}`)
	// passwordInURL and passwordInPairs find a password that stands in a connection string itself.
	passwordInURL = regexp.MustCompile(`^[a-z]+://[^/@:]*:[^@$]+@`)
	// password finds one in the text of an error, as of an unknown key that is a connection string.
	password        = regexp.MustCompile(`(?i)(://[^/@:\s]*:|password\s*=\s*)[^@\s"]+`)
	passwordInPairs = regexp.MustCompile(`(?i)\bpassword\s*=\s*[^$\s&]`)
)

// dsn reads a connection string and puts variables of the environment in.
func (d *decoder) dsn(f *Fleet, to *string, lookup func(string) (string, bool)) func(ast.Node) {
	return func(n ast.Node) {
		var given string
		if d.string(&given)(n); given == "" {
			return
		}
		if passwordInURL.MatchString(given) || passwordInPairs.MatchString(given) {
			f.Notes = append(f.Notes, fmt.Sprintf("%s:%d holds a password: write ${NAME} for a variable of the environment, or use a password or service file",
				filepath.Base(d.file), d.at(n).Line))
		}
		*to = variable.ReplaceAllStringFunc(given, func(written string) string {
			name := strings.TrimSuffix(strings.TrimPrefix(written, "${"), "}")
			value, ok := lookup(name)
			if !ok {
				d.errorf(n, "the environment has no variable %q", name)
			}
			return value
		})
	}
}
