package schemacheck

import (
	"regexp"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// isTenantColumn reports whether a column of a table says which tenant its rows belong to: its tenant
// key, or the tenant column of an enclosing concept, such as the organization of a project.
func (p *pass) isTenantColumn(t *classify.Table, column string) bool {
	return column != "" && (slices.Contains(tenantKey(t), column) || p.model.IsTenantColumn(column))
}

// secret matches names of columns whose values nobody guesses.
var secret = regexp.MustCompile(`(?i)token|hash|secret|digest|nonce|signature|fingerprint|api_?key|checksum|idempotency`)

func isSecret(column string) bool { return secret.MatchString(column) }

// reference matches names of columns that identify a row or refer to one: id, task_id, taskId, uid.
var reference = regexp.MustCompile(`^(id|ID|u?uid|UUID|ulid|jti)$|_(id|uid|uuid|ulid)$|[a-z](Id|ID|Uid|UUID|Uuid)$`)

func isReference(column string) bool { return reference.MatchString(column) }

// expiry matches names of columns by which outdated rows of all tenants are swept.
var expiry = regexp.MustCompile(`(?i)expir|timeout|retention|ttl`)
