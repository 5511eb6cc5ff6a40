package livecheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

// Schemas of tenants in one database: past the first number a migration of all of them, pg_dump and
// the cache of each connection suffer, past the second they fail.
const (
	manySchemas    = 500
	tooManySchemas = 1_000
)

// schemasOverLimit compares the number of tenants' schemas with what one catalog bears.
func schemasOverLimit(database string, schemas, relations int) []finding.Finding {
	if schemas <= manySchemas {
		return nil
	}
	f := finding.New("schemas-over-limit", finding.Position{}, database,
		"%d tenants have schemas in one database: each connection caches the catalog entries of every schema it meets, and a migration, VACUUM or pg_dump has to go through all of them",
		schemas)
	if schemas > tooManySchemas {
		f.Severity = finding.Error
	}
	f.Evidence = []string{fmt.Sprintf("%d relations; at most %d schemas are comfortable, %d bearable", relations, manySchemas, tooManySchemas)}
	f.Fix = &finding.Fix{Message: "spread the tenants over several databases, or keep small tenants in one schema with row-level security"}
	return []finding.Finding{f}
}
