package replay

import (
	"fmt"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// catalogs are those of PostgreSQL's tables whose rows are what the schema models: a superuser may write them.
var catalogs = wordSet(`pg_class pg_attribute pg_attrdef pg_policy pg_authid pg_auth_members pg_proc pg_rewrite pg_trigger
	pg_namespace pg_default_acl pg_db_role_setting pg_constraint pg_index pg_inherits pg_operator pg_cast`)

// changeRows records a statement that changes rows.
func (r *replayer) changeRows(kind string, v *pgast.RangeVar) error {
	if isCatalog(v) {
		return &undecidedError{code: "catalog", reason: fmt.Sprintf("what it makes of the schema is not known: it writes to %s itself", v.GetRelname())}
	}
	r.rowEvent(kind, v)
	return nil
}

func isCatalog(v *pgast.RangeVar) bool {
	return catalogs[v.GetRelname()] && (v.GetSchemaname() == "" || v.GetSchemaname() == catalogSchema)
}

// writesCatalog reports whether a statement that changes rows, or the beginning of one, names one of the catalogs as its
// target.
func writesCatalog(text string) bool {
	const longest = 6 // INSERT INTO pg_catalog . pg_class, WITH apart
	words := 0
	for l := range pgast.Lexemes(text) {
		switch words++; {
		case words == 1 && l.Word != "insert" && l.Word != "update" && l.Word != "delete" && l.Word != "merge", words > longest:
			return false
		case words > 1 && catalogs[l.Word]:
			return true
		case l.Word == "set" || l.Word == "where" || l.Word == "select":
			return false
		}
	}
	return false
}
