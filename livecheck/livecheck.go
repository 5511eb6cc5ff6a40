// Package livecheck audits a running database: what only a server can answer, such as what the role
// of a connection may bypass.
package livecheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Check applies the live rules to the database of a connection. It only reads. The role of the
// connection is judged unless the model names it as owner, analytics role or auditor; the roles
// that the model says the service connects as are judged in any case.
func Check(ctx context.Context, conn *pgx.Conn, classes *classify.Classes, m *tenancy.Model) (finding.Result, error) {
	var result finding.Result
	if !rowSecurity(classes) {
		return result, nil // there is nothing to bypass
	}
	tx, err := begin(ctx, conn)
	if err != nil {
		return result, err
	}
	defer tx.Rollback(ctx) // it has written nothing
	var current string
	if err := tx.QueryRow(ctx, "SELECT current_user::text "+marker).Scan(&current); err != nil {
		return result, err
	}
	names := slices.Clone(m.Roles.App)
	switch {
	case slices.Contains(names, current):
	case slices.Contains(declared(m), current):
		result.Notes = append(result.Notes, fmt.Sprintf(
			"connected as %s, which the model does not name as a role of the service: what the service may bypass is judged by %s",
			current, orNobody(m.Roles.App)))
	default:
		names = append(names, current)
	}
	for _, name := range names {
		found, err := bypass(ctx, tx, name)
		if err != nil {
			return result, err
		}
		result.Add(found)
	}
	return result, nil
}

// declared returns the roles that are known to be other than the service's: those that the model names,
// and the one that AuditorRole makes. The owner that is inferred from the tables is not among them: a
// service may well connect as the owner.
func declared(m *tenancy.Model) []string {
	roles := slices.Concat(m.Roles.Analytics, m.Roles.Auditor, []string{auditorRole})
	if !m.IsInferred("roles.owner") {
		roles = append(roles, m.Roles.Owner...)
	}
	return roles
}

// rowSecurity reports whether any table of a tenant has row-level security.
func rowSecurity(classes *classify.Classes) bool {
	return slices.ContainsFunc(classes.Tables(), func(t *classify.Table) bool {
		return t.Relation.RowSecurity && (t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry)
	})
}

func orNobody(roles []string) string {
	if len(roles) == 0 {
		return "nobody (name it with --app-role)"
	}
	return strings.Join(roles, ", ")
}
