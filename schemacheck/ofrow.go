package schemacheck

import (
	"regexp"
	"strings"

	"github.com/tenantvet/tenantvet/sqlcheck"
)

// parameter finds the parameters in the text of a value, picks what chooses one of several values and makes no other.
var (
	parameter = regexp.MustCompile(`\$\d+`)
	picks     = regexp.MustCompile(`^(COALESCE\(|NULLIF\(|CASE\(|\$\d+|NULL|''|[ ,)])*$`)
)

// ofRow reports whether the tenants that pin a reference are that of the row which sets a trigger or rule off, by the fields
// that say whose the row is, or those that variables hold, of which nothing is known. A fixed tenant, one that another
// field names and one that is worked out are not.
func (r *routine) ofRow(ref *sqlcheck.Reference, own func(field string) bool) bool {
	if ref.By == sqlcheck.Null {
		return ref.Command == sqlcheck.Insert // a new row of nobody's
	}
	for _, value := range ref.Told {
		names := parameter.FindAllString(value, -1)
		if len(names) == 0 || !picks.MatchString(value) {
			return false
		}
		for _, name := range names {
			name, _ = r.name(name)
			if _, field, ofRow := strings.Cut(name, "."); ofRow && !own(field) {
				return false
			}
		}
	}
	return true
}
