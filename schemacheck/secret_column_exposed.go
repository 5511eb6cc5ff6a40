package schemacheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("secret-column-exposed", checkSecretColumnExposed)

// checkSecretColumnExposed looks for credentials in tenant tables that the application reads by a GRANT on the
// whole table, so that whatever reads a row, a report or an injected query, reads them too. It is a hint, one a
// table: most applications check their users' passwords themselves.
func checkSecretColumnExposed(p *pass) {
	for t := range p.owned() {
		if isPart(t.Relation) {
			continue
		}
		if columns := credentials(t.Relation); len(columns) > 0 {
			p.exposed(t, columns)
		}
	}
}

// exposed reports the credentials of a table to the first session that may read all of its columns.
func (p *pass) exposed(t *classify.Table, columns []*pgschema.Column) {
	r := t.Relation
	i := slices.IndexFunc(p.sessions, func(s session) bool {
		return !s.assumed && p.roles.granted(s.role, r.Grants, "select") && p.may(s, r, "select")
	})
	if i < 0 {
		return
	}
	s := p.sessions[i]
	var secrets, others []string
	for _, c := range r.Columns {
		if slices.Contains(columns, c) {
			secrets = append(secrets, c.Name)
		} else {
			others = append(others, c.Name)
		}
	}
	f := finding.New("secret-column-exposed", columns[0].Origin, object(r),
		"%s reads %s of %s with every other column: whatever reads a row of its tenant reads the credentials too", s, joinAnd(secrets), object(r))
	f.Fix = &finding.Fix{Message: fmt.Sprintf("keep them in a table of their own, or give them to a second role that only the login uses: "+
		"REVOKE SELECT ON %[1]s FROM %[2]s; GRANT SELECT (%[3]s) ON %[1]s TO %[2]s", quoteName(r.Name), quote(s.role), quoteList(others))}
	p.report(f)
}

// credential matches names, in snake case, of columns that let their reader in somewhere. What is encrypted or the
// digest of a random token does not; the digest of a password does, as passwords are guessed.
var credential = regexp.MustCompile(`^(.*_)?(` + strings.Join([]string{
	`password|passwd|pwd|passphrase`, `(password|passwd|pwd)_?(hash|digest|crypt)`, `(hashed|encrypted|crypted)_password`,
	`secrets?|credentials?`, `api_?key|(private|secret|signing|encryption|access)_key`,
	`(access|refresh|api|auth|bot|oauth|bearer|reset|verification|confirmation|invite|invitation|session|remember|personal|magic_link)_token`,
	`recovery_codes?|backup_codes?`, `ssn|social_security_number|card_number|cvv|cvc`,
}, "|") + `)$|^token(_value)?$`)

// notCredential matches names that credential matches but that are public, encrypted, or only about one.
var notCredential = regexp.MustCompile(`^(is|has|no|show|require|requires|last|allow)_|(^|_)(public|partition|sort|foreign)_|(^|_)encrypted_(.*_)?(key|secret|token)$`)

var camel = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// credentials returns the columns of a table that hold credentials by their name and could by their type.
func credentials(r *pgschema.Relation) []*pgschema.Column {
	var found []*pgschema.Column
	for _, c := range r.Columns {
		if !holdsText(c.Type) {
			continue
		}
		name := strings.ToLower(camel.ReplaceAllString(c.Name, "${1}_$2"))
		if credential.MatchString(name) && !notCredential.MatchString(name) {
			found = append(found, c)
		}
	}
	return found
}

// holdsText reports whether a type can hold a secret.
func holdsText(sqlType string) bool {
	base := strings.TrimSuffix(sqlType, "[]")
	return isText(base) || slices.Contains([]string{"bytea", "uuid", "json", "jsonb", "citext", "extensions.citext", "public.citext"}, base)
}
