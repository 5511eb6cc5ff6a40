package sqlcheck

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// idColumns returns the columns of a table that identify a row, or the row it belongs to, across
// tenants without being a unique key: a number counted up for the whole table, the id of a row that
// belongs to a tenant, a random id, a secret.
func (e *engine) idColumns(rel *pgschema.Relation) []string {
	if names, ok := e.ids[rel]; ok {
		return names
	}
	table := e.db.Classes.Get(rel)
	var names []string
	for _, c := range rel.Columns {
		if (table == nil || c.Name != table.Column) && e.isID(rel, c) {
			names = append(names, c.Name)
		}
	}
	if e.ids == nil {
		e.ids = map[*pgschema.Relation][]string{}
	}
	e.ids[rel] = names
	return names
}

func (e *engine) isID(rel *pgschema.Relation, c *pgschema.Column) bool {
	if isSecret(c.Name) || countedUp(rel, c) {
		return true
	}
	if target := e.referred(rel, c.Name); target != nil {
		return belongs(e.db.Classes.Get(target))
	}
	return c.Type == "uuid"
}

// countedUp reports whether a column of the primary key is an identity or serial column.
func countedUp(rel *pgschema.Relation, c *pgschema.Column) bool {
	if c.Identity == 0 && (c.Default == nil || !strings.Contains(strings.ToLower(c.Default.Text), "nextval")) {
		return false
	}
	return slices.ContainsFunc(rel.Constraints, func(k *pgschema.Constraint) bool {
		return k.Kind == pgschema.PrimaryKey && slices.Contains(k.Columns, c.Name)
	})
}

// secrets are parts of the names of columns whose values cannot be guessed.
var secrets = []string{"token", "secret", "hash", "digest", "apikey", "nonce", "fingerprint"}

func isSecret(name string) bool {
	folded := tenancy.Fold(name)
	return slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(folded, s) })
}

// identifying are words of which one ends the name of a column that holds ids, people such of one that says whose a row is.
var (
	identifying = []string{"id", "uid", "uuid", "ulid", "jti"}
	people      = []string{"user", "username", "person", "member", "owner", "holder", "principal", "subject", "sub", "email", "login", "author", "profile", "created", "account"}
)

// Identifies reports whether a column, as its name says, tells which row it is or whose: an id, a person, a secret. Others
// tell what a row is like, which many tenants' may be.
func Identifies(column string) bool {
	all := words(column)
	return len(all) > 0 && slices.Contains(identifying, all[len(all)-1]) || isSecret(column) ||
		slices.ContainsFunc(all, func(word string) bool { return slices.Contains(people, strings.TrimSuffix(word, "s")) })
}

// isPerson reports whether a table named so holds people rather than things of a tenant.
func isPerson(table string) bool {
	name := strings.TrimSuffix(tenancy.Fold(table), "s")
	return slices.ContainsFunc([]string{"user", "person", "people", "identity", "identitie", "principal", "profile"}, func(s string) bool {
		return strings.HasSuffix(name, s)
	})
}

// referred returns the table whose rows a column names: by a foreign key or, where there is none, by
// its own name, as parent_task_id names a row of v1_task. It is nil when there is no such table.
func (e *engine) referred(rel *pgschema.Relation, column string) *pgschema.Relation {
	for _, k := range rel.Constraints {
		if k.Kind == pgschema.ForeignKey && len(k.Columns) == 1 && k.Columns[0] == column {
			return e.db.Schema.Relations[k.RefTable]
		}
	}
	stem, last := stems(column)
	if stem == "" {
		return nil
	}
	return e.db.indexed().namedAfter(stem, last)
}

// shorter prefers v1_task to v1_dag_to_task as what a task is; of equals the first in the alphabet.
func shorter(a, b *pgschema.Relation) bool {
	return cmp.Or(cmp.Compare(len(a.Name.Name), len(b.Name.Name)), cmp.Compare(a.Name.String(), b.Name.String())) < 0
}

// stems returns the folded name of an id column without "id", and the last word of it; both are empty
// when the name is not that of an id column.
func stems(column string) (stem, last string) {
	words := words(column)
	for len(words) > 1 && slices.Contains([]string{"id", "ids", "uid", "uuid"}, words[len(words)-1]) {
		words = words[:len(words)-1]
		stem, last = strings.Join(words, ""), words[len(words)-1]
	}
	return strings.TrimSuffix(stem, "s"), strings.TrimSuffix(last, "s")
}

// words splits a name at underscores and capitals, in lower case.
func words(name string) []string {
	var all []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
		}
		word = nil
	}
	previous := ' '
	for _, r := range name {
		if r == '_' || unicode.IsUpper(r) && !unicode.IsUpper(previous) {
			flush()
		}
		if r != '_' {
			word = append(word, r)
		}
		previous = r
	}
	flush()
	return all
}
