package shadow

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Error is a statement that the server refused.
type Error struct {
	finding.Position
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Position, reason(e.Err)) }

func (e *Error) Unwrap() error { return e.Err }

// reason is what the server said, without the severity that repeats it.
func reason(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	text := pg.Message
	if pg.Hint != "" {
		text += "; " + pg.Hint
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", text, pg.Code)
}

// Apply applies the up part of each file in order, each in a session and a transaction of its own as
// its tool does. Statements about roles and extensions run as the superuser, all others as the owner.
//
// A refused statement ends it with an *Error. Only where an extension is missing here, what the server
// refuses from then on is undecided instead.
func (d *Database) Apply(ctx context.Context, files []replay.File) error {
	if err := d.surround(ctx, files); err != nil {
		return err
	}
	for _, f := range files {
		d.applied += strings.ToLower(f.Text)
		if err := errors.Join(d.applyFile(ctx, f), d.markRoles(ctx)); err != nil {
			return err
		}
	}
	return nil
}

func (d *Database) applyFile(ctx context.Context, f replay.File) error {
	up := replay.UpPart(f)
	d.Result.Skipped = append(d.Result.Skipped, up.Skipped...)
	inTransaction := transactional(up.Format, f.Text)
	err := d.applySession(ctx, up, inTransaction)
	if pg := (*pgconn.PgError)(nil); inTransaction && errors.As(err, &pg) && (pg.Code == activeTransaction || pg.Code == unsafeNewEnum) {
		d.note("%s is applied without a transaction, in which it cannot run: %s", f.Name, pg.Message)
		return d.applySession(ctx, up, false)
	}
	return err
}

// SQLSTATE codes (PostgreSQL manual, appendix A).
const (
	activeTransaction = "25001"
	unsafeNewEnum     = "55P04"
	insufficient      = "42501"
	undefinedObject   = "42704"
	invalidParameter  = "22023"
	duplicateObject   = "42710"
	featureMissing    = "0A000"
	undefinedFile     = "58P01"
)

// noTransaction matches the lines by which tools are told to apply a file without a transaction.
var noTransaction = regexp.MustCompile(`(?im)^\s*--\s*(\+goose\s+NO\s+TRANSACTION|\+migrate\s+Up\s+.*notransaction|migrate:up\s+.*transaction:\s*false|atlas:txmode\s+none)`)

// transactional reports whether the tool of a file applies it in one transaction. Psql does not, and
// golang-migrate sends several statements at once, which the server takes as one.
func transactional(format tenancy.Format, text string) bool {
	switch format {
	case tenancy.Plain, tenancy.PgDump, tenancy.Sqlc:
		return false
	}
	return !noTransaction.MatchString(text)
}

// applier applies one file.
type applier struct {
	*Database
	conn *pgx.Conn
	// role is what the file had SET ROLE to before the superuser stepped in.
	role string
}

func (d *Database) applySession(ctx context.Context, up replay.Up, inTransaction bool) error {
	conn, err := d.Session(ctx, "")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	a := &applier{Database: d, conn: conn}
	if path := d.searchPath(); path != "" {
		if err := a.send(ctx, path); err != nil {
			return err
		}
	}
	if inTransaction {
		if err := a.send(ctx, "BEGIN"); err != nil {
			return err
		}
	}
	for _, stmt := range pgast.Split(up.Source) {
		if err := a.apply(ctx, stmt); err != nil {
			return &Error{Position: position(stmt, err), Err: err}
		}
	}
	if conn.PgConn().TxStatus() != 'I' {
		if err := a.send(ctx, "COMMIT"); err != nil {
			return &Error{Position: finding.Position{File: up.Source.File}, Err: err}
		}
	}
	return nil
}

// position is where in a statement the server saw the error.
func position(stmt *pgast.Statement, err error) finding.Position {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Position > 0 {
		text := []rune(stmt.Text())
		if n := int(pg.Position) - 1; n < len(text) {
			return stmt.Source.Position(stmt.Start + len(string(text[:n])))
		}
	}
	return stmt.Source.Position(stmt.Start)
}

// send runs SQL as it stands.
func (a *applier) send(ctx context.Context, sql string) error {
	_, err := a.conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// apply runs one statement as the role it needs, and mends what a shadow database lacks.
func (a *applier) apply(ctx context.Context, stmt *pgast.Statement) error {
	if why := passedOver(stmt); why != "" {
		if why != rowsOnly {
			a.Result.Skipped = append(a.Result.Skipped, finding.Skipped{Position: stmt.Source.Position(stmt.Start), What: "statement", Reason: why})
		}
		return nil
	}
	if role := a.foreignRole(stmt); role != "" {
		a.note("%s is not applied: role %s exists on the shadow server and is left as it is", stmt.Source.Position(stmt.Start), role)
		return nil
	}
	switch {
	case stmt.Node.GetTransactionStmt() != nil:
		return a.send(ctx, stmt.Text())
	case stmt.Node.GetAlterDatabaseSetStmt() != nil:
		return a.setDatabase(ctx, stmt)
	}
	err := a.attemptAsMeant(ctx, stmt)
	if name, missing := missingTool(err); missing {
		if err := a.makeTool(ctx, name); err != nil {
			return err
		}
		err = a.attemptAsMeant(ctx, stmt)
	}
	for made := map[string]bool{}; err != nil; {
		role, missing := missingRole(err)
		if !missing || made[role] {
			break
		}
		made[role] = true
		if err := a.makeRole(ctx, role, "NOLOGIN"); err != nil {
			return err
		}
		a.note("role %s is named but never created: it is made here with NOLOGIN and no other attribute", role)
		err = a.attemptAsMeant(ctx, stmt)
	}
	if err == nil {
		return nil
	}
	return a.mend(ctx, stmt, err)
}

// mend deals with a refused statement.
func (a *applier) mend(ctx context.Context, stmt *pgast.Statement, err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	at := position(stmt, err)
	switch {
	case stmt.Node.GetCreateExtensionStmt() != nil && (pg.Code == featureMissing || pg.Code == undefinedFile):
		name := stmt.Node.GetCreateExtensionStmt().Extname
		a.missing = append(a.missing, name)
		a.Result.Undecided = append(a.Result.Undecided, finding.Undecided{Position: at, Object: "extension " + name, Code: "extension-missing",
			Reason: fmt.Sprintf("extension %s is not installed beside the shadow server: what rests on it cannot be built", name)})
		return nil
	case pg.Code == duplicateObject && stmt.Node.GetCreateRoleStmt() != nil:
		return a.alterInstead(ctx, stmt)
	case pg.Code == insufficient && !asSuperuser(stmt):
		if err := a.attempt(ctx, stmt, stmt.Text(), true); err != nil {
			return err
		}
		if err := a.handOver(ctx); err != nil {
			return err
		}
		a.note("%s needs more than the rights of owner %s (%s) and ran as the superuser", at, a.owner, pg.Message)
		return nil
	case builtWithout(pg):
		a.Result.Undecided = append(a.Result.Undecided, finding.Undecided{Position: at, Object: object(stmt), Code: "server-build",
			Reason: fmt.Sprintf("the shadow server was built without what the statement needs: %s", reason(err))})
		return nil
	case len(a.missing) > 0:
		a.Result.Undecided = append(a.Result.Undecided, finding.Undecided{Position: at, Object: object(stmt), Code: "extension-missing",
			Reason: fmt.Sprintf("refused by the shadow server, where extension %s is missing: %s", strings.Join(a.missing, ", "), reason(err))})
		return nil
	}
	return err
}

// builtWithout reports whether a server refuses a statement for what it was built without, such as LZ4
// or libxml.
func builtWithout(pg *pgconn.PgError) bool {
	return pg.Code == featureMissing && (strings.Contains(pg.Detail, "requires the server to be built with") || strings.HasPrefix(pg.Message, "compression method"))
}

// object names the relation that a statement makes or changes, as written; empty for other statements.
func object(stmt *pgast.Statement) string {
	n := stmt.Node
	for _, rel := range []*pgast.RangeVar{
		n.GetCreateStmt().GetRelation(), n.GetAlterTableStmt().GetRelation(), n.GetIndexStmt().GetRelation(), n.GetViewStmt().GetView(),
		n.GetCreateTableAsStmt().GetInto().GetRel(), n.GetCreatePolicyStmt().GetTable(), n.GetCreateTrigStmt().GetRelation(),
	} {
		if rel != nil {
			return pgschema.Name{Schema: rel.Schemaname, Name: rel.Relname}.String()
		}
	}
	return ""
}

// attemptAsMeant runs a statement as the role whose business it is. A role is created by the owner, who then
// administers it, where the owner may.
func (a *applier) attemptAsMeant(ctx context.Context, stmt *pgast.Statement) error {
	if stmt.Node.GetCreateRoleStmt() != nil {
		var may bool
		err := a.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND rolcreaterole)", a.owner).Scan(&may)
		if err != nil {
			return err
		}
		if pg := (*pgconn.PgError)(nil); may {
			if err = a.attempt(ctx, stmt, stmt.Text(), false); !errors.As(err, &pg) || pg.Code != insufficient {
				return err
			}
		}
	}
	return a.attempt(ctx, stmt, stmt.Text(), asSuperuser(stmt))
}

// attempt runs a text. In a transaction a failure leaves everything before it in place.
func (a *applier) attempt(ctx context.Context, stmt *pgast.Statement, text string, superuser bool) (err error) {
	if err := a.as(ctx, superuser); err != nil {
		return err
	}
	if a.conn.PgConn().TxStatus() != 'T' {
		return a.send(ctx, text)
	}
	if err := a.send(ctx, "SAVEPOINT tenantvet"); err != nil {
		return err
	}
	err = a.send(ctx, text)
	if err != nil {
		return errors.Join(err, a.send(ctx, "ROLLBACK TO tenantvet"), a.send(ctx, "RELEASE tenantvet"))
	}
	return a.send(ctx, "RELEASE tenantvet")
}

// owned reports whether the session is the owner's now, which a ROLLBACK can change too.
func (a *applier) owned() bool {
	return a.conn.PgConn().ParameterStatus("session_authorization") == a.owner
}

// as gives the session to the owner or takes it back.
func (a *applier) as(ctx context.Context, superuser bool) error {
	if a.owned() != superuser || a.owner == a.base.User {
		return nil
	}
	if superuser {
		if err := a.conn.QueryRow(ctx, "SELECT current_setting('role')").Scan(&a.role); err != nil {
			return err
		}
		return a.send(ctx, "RESET SESSION AUTHORIZATION")
	}
	if err := a.makeOwner(ctx); err != nil {
		return err
	}
	if err := Become(ctx, a.conn, a.owner); err != nil {
		return err
	}
	if a.role == "" || a.role == "none" {
		return nil
	}
	return a.send(ctx, "SET ROLE "+quote(a.role))
}

// rowsOnly is why rows are passed over, of which the reader need not know.
const rowsOnly = "rows"

// passedOver says why a statement has no place in a shadow database, or is empty.
func passedOver(stmt *pgast.Statement) string {
	switch {
	case stmt.Node.GetCopyStmt().GetIsFrom():
		return rowsOnly
	case stmt.Node.GetCreatedbStmt() != nil, stmt.Node.GetDropdbStmt() != nil:
		return "the shadow is one database; others are neither made nor dropped"
	case stmt.Node.GetAlterDatabaseStmt() != nil, stmt.Node.GetGrantStmt().GetObjtype() == pgast.ObjectType_OBJECT_DATABASE,
		stmt.Node.GetAlterOwnerStmt().GetObjectType() == pgast.ObjectType_OBJECT_DATABASE,
		stmt.Node.GetRenameStmt().GetRenameType() == pgast.ObjectType_OBJECT_DATABASE,
		stmt.Node.GetCommentStmt().GetObjtype() == pgast.ObjectType_OBJECT_DATABASE:
		return "it names a database that is not the shadow"
	case stmt.Node.GetCreateTableSpaceStmt() != nil, stmt.Node.GetDropTableSpaceStmt() != nil, stmt.Node.GetAlterSystemStmt() != nil:
		return "concerns the server, not the database"
	}
	return ""
}

// asSuperuser reports whether a statement is the business of whoever runs the server: roles and
// extensions. CURRENT_USER and its like are meant by the owner.
func asSuperuser(stmt *pgast.Statement) bool {
	n := stmt.Node
	for _, role := range []*pgast.RoleSpec{n.GetAlterRoleStmt().GetRole(), n.GetAlterRoleSetStmt().GetRole()} {
		if role != nil && role.Roletype != pgast.RoleSpecType_ROLESPEC_CSTRING {
			return false
		}
	}
	return n.GetCreateRoleStmt() != nil || n.GetAlterRoleStmt() != nil || n.GetAlterRoleSetStmt() != nil ||
		n.GetDropRoleStmt() != nil || n.GetGrantRoleStmt() != nil ||
		n.GetCreateExtensionStmt() != nil || n.GetAlterExtensionStmt() != nil ||
		n.GetAlterDatabaseSetStmt() != nil
}
