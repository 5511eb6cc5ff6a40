package shadow

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var roleMissing = regexp.MustCompile(`^role "(.+)" does not exist$`)

// missingRole returns the role for want of which a statement failed.
func missingRole(err error) (string, bool) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != undefinedObject && pg.Code != invalidParameter {
		return "", false
	}
	match := roleMissing.FindStringSubmatch(pg.Message)
	if match == nil {
		return "", false
	}
	return match[1], true
}

// makeRole creates a role, as the superuser and in the transaction of the file.
func (a *applier) makeRole(ctx context.Context, name, attributes string) error {
	owned := a.owned()
	if err := a.as(ctx, true); err != nil {
		return err
	}
	if err := a.send(ctx, "CREATE ROLE "+quote(name)+" "+attributes); err != nil {
		return err
	}
	a.made = append(a.made, name)
	return a.as(ctx, !owned)
}

// makeOwner sees to it that the owner of the database is the role that runs the migrations.
func (a *applier) makeOwner(ctx context.Context) error {
	if a.ready {
		return nil
	}
	var exists bool
	if err := a.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", a.owner).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		if err := a.makeRole(ctx, a.owner, "LOGIN"); err != nil {
			return err
		}
		a.note("the migrations run as %s, a role made here that is neither superuser nor BYPASSRLS; --owner-role names another", a.owner)
	}
	if err := a.send(ctx, "ALTER DATABASE "+quote(a.name)+" OWNER TO "+quote(a.owner)); err != nil {
		return err
	}
	// A file that is rolled back takes its roles along.
	a.ready = a.conn.PgConn().TxStatus() == 'I'
	return nil
}

// alterInstead gives a role that exists already the attributes with which it is created, if it was
// made here. One of a named server is left as it is.
func (a *applier) alterInstead(ctx context.Context, stmt *pgast.Statement) error {
	create := stmt.Node.GetCreateRoleStmt()
	if !slices.Contains(a.made, create.Role) {
		a.note("role %s exists on the shadow server: its attributes there count, not those of %s", create.Role, stmt.Source.Position(stmt.Start))
		return nil
	}
	text, err := alterRole(create)
	if err != nil {
		return fmt.Errorf("role %s: %w", create.Role, err)
	}
	return a.attempt(ctx, stmt, text, true)
}

// foreignRole returns the role that a statement changes although the server had it before; empty when
// there is none. A membership ends with either of its roles.
func (a *applier) foreignRole(stmt *pgast.Statement) string {
	var changed []string
	switch n := stmt.Node; {
	case n.GetAlterRoleStmt() != nil:
		changed = []string{n.GetAlterRoleStmt().Role.GetRolename()}
	case n.GetAlterRoleSetStmt() != nil:
		changed = []string{n.GetAlterRoleSetStmt().Role.GetRolename()}
	case n.GetDropRoleStmt() != nil:
		for _, r := range n.GetDropRoleStmt().Roles {
			changed = append(changed, r.GetRoleSpec().GetRolename())
		}
	case n.GetRenameStmt().GetRenameType() == pgast.ObjectType_OBJECT_ROLE:
		changed = []string{n.GetRenameStmt().Subname}
	case n.GetGrantRoleStmt() != nil:
		grant := n.GetGrantRoleStmt()
		for _, r := range append(grant.GrantedRoles, grant.GranteeRoles...) {
			name := r.GetAccessPriv().GetPrivName() + r.GetRoleSpec().GetRolename()
			if !slices.Contains(a.roles, name) {
				return ""
			}
			changed = append(changed, name)
		}
	}
	for _, name := range changed {
		if slices.Contains(a.roles, name) {
			return name
		}
	}
	return ""
}

// setDatabase applies ALTER DATABASE … SET, which names the database of production, to this one.
func (a *applier) setDatabase(ctx context.Context, stmt *pgast.Statement) error {
	set := stmt.Node.GetAlterDatabaseSetStmt()
	given := set.Dbname
	set.Dbname = a.name
	text, err := pgast.Deparse(stmt.Node)
	set.Dbname = given
	if err != nil {
		return err
	}
	return a.attempt(ctx, stmt, text, true)
}

// alterRole writes CREATE ROLE as an ALTER ROLE with the same attributes.
func alterRole(create *pgast.CreateRoleStmt) (string, error) {
	text, err := pgast.Deparse(&pgast.Node{Node: &pgast.Node_AlterRoleStmt{AlterRoleStmt: &pgast.AlterRoleStmt{
		Role:    &pgast.RoleSpec{Roletype: pgast.RoleSpecType_ROLESPEC_CSTRING, Rolename: create.Role},
		Options: create.Options, Action: 1,
	}}})
	if create.StmtType == pgast.RoleStmtType_ROLESTMT_USER {
		text = "ALTER ROLE " + quote(create.Role) + " LOGIN; " + text
	}
	return text, err
}
