package schemacheck

import (
	"regexp"
	"strings"

	"github.com/tenantvet/tenantvet/sqlcheck"
)

// parameter finds the parameters in the text of a value, picks what chooses one of several values and makes no other.
var (
	parameter = regexp.MustCompile(`\$\d+`)
	picks     = regexp.MustCompile(`^(COALESCE\(|NULLIF\(|CASE\(| anything\(|current_setting\('[^']*'|\$\d+|NULL|''|[ ,)])*$`)
)

// ofRow reports whether the tenants that pin a reference are that of the row which sets a trigger or rule off, by the fields
// that say whose the row is. A fixed tenant is not, nor one that another field names, that is worked out or that a variable
// holds of which nothing is known. What the session is does not count here either: it may be nothing.
func (r *routine) ofRow(ref *sqlcheck.Reference, own func(field string) bool) bool {
	if ref.By == sqlcheck.Null {
		return ref.Command == sqlcheck.Insert // a new row of nobody's
	}
	for _, value := range ref.Told {
		if !r.named(value, own) {
			return false
		}
	}
	return len(ref.Told) > 0
}

// named reports whether a value is one of fields that say whose the row is.
func (r *routine) named(value string, own func(field string) bool) bool {
	fields := parameter.FindAllString(value, -1)
	for _, told := range fields {
		if !own(r.rowField(told)) {
			return false
		}
	}
	return len(fields) > 0 && picks.MatchString(value)
}

// rowField returns the field of NEW or OLD that a parameter stands for, or "".
func (r *routine) rowField(parameter string) string {
	name, _ := r.name(parameter)
	_, field, _ := strings.Cut(name, ".")
	return field
}
