package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("tenant-column-not-null-at-once", checkTenantColumnNotNullAtOnce)

// checkTenantColumnNotNullAtOnce looks for tenant columns that became NOT NULL on a table of an earlier
// migration in one step: as a new column without a default, which fails once there are rows, or by SET NOT
// NULL without a validated check, which scans the table under an exclusive lock (PostgreSQL manual, ALTER TABLE).
func checkTenantColumnNotNullAtOnce(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		column := r.Column(t.Column)
		if t.Class != classify.Tenant || isPart(r) || column == nil || !column.NotNull {
			continue
		}
		if f := p.notNullAtOnce(r, column.Name); f != nil {
			f.Related = []finding.Related{{Position: r.Origin, Message: object(r) + " is made here"}}
			p.report(*f)
		}
	}
}

// notNullAtOnce judges the last statement that refused NULL in a column.
func (p *pass) notNullAtOnce(r *pgschema.Relation, column string) *finding.Finding {
	var found, check *finding.Finding // check is that of a constraint which proves the column
	checked, emptied, filled := false, "", ""
	unproved := map[string]bool{} // checks that are NOT VALID, by name
	for _, e := range p.history(r) {
		switch e.Kind {
		case "TruncateStmt":
			emptied = e.Stmt.Position(0).File
		case "UpdateStmt":
			if assigns(e.Stmt.Node.GetUpdateStmt(), column) {
				filled = e.Stmt.Position(0).File
			}
		}
		alter, ok := pgast.Unwrap(e.Stmt.Node).(*pgast.AlterTableStmt)
		if !ok {
			continue
		}
		for _, node := range alter.Cmds {
			cmd := node.GetAlterTableCmd()
			if alterDetails[cmd.GetSubtype()] != e.Detail {
				continue
			}
			at := e.Stmt.Position(0)
			fresh := at.File == r.Origin.File || at.File == emptied
			switch def := cmd.GetDef(); {
			case cmd.Subtype == pgast.AlterTableType_AT_AddConstraint && refusesNull(def.GetConstraint().GetRawExpr(), column):
				if def.GetConstraint().GetSkipValidation() {
					unproved[def.GetConstraint().GetConname()] = true
					continue
				}
				checked = true
				if !fresh {
					check = atOnce(at, r, column,
						"tenant column %s of %s is checked for NULL at once: PostgreSQL reads the whole table while every statement on it waits")
				}
			case cmd.Subtype == pgast.AlterTableType_AT_ValidateConstraint:
				checked = checked || unproved[cmd.Name]
			case cmd.Subtype == pgast.AlterTableType_AT_AddColumn && def.GetColumnDef().GetColname() == column:
				found = nil
				if needsValue(def.GetColumnDef()) && !fresh {
					found = atOnce(e.Stmt.Position(def.GetColumnDef().GetLocation()), r, column,
						"tenant column %s is added to %s NOT NULL without a value for the rows that exist: the migration fails as soon as there is one")
				}
			case cmd.Subtype == pgast.AlterTableType_AT_SetNotNull && cmd.Name == column:
				found = check
				if !checked && !fresh {
					found = atOnce(at, r, column,
						"tenant column %s of %s is set NOT NULL at once: PostgreSQL reads the whole table while every statement on it waits")
					if filled == at.File {
						found.Evidence = []string{"one UPDATE of the same file gives all rows their tenant: each row it touches stays locked until the migration ends"}
					}
				}
			}
		}
	}
	return found
}

// alterDetails are the details of the events that matter here, by subcommand.
var alterDetails = map[pgast.AlterTableType]string{
	pgast.AlterTableType_AT_AddConstraint:      "add constraint",
	pgast.AlterTableType_AT_AddColumn:          "add column",
	pgast.AlterTableType_AT_SetNotNull:         "set not null",
	pgast.AlterTableType_AT_ValidateConstraint: "validate constraint",
}

// assigns reports whether an UPDATE sets a column.
func assigns(n *pgast.UpdateStmt, column string) bool {
	return slices.ContainsFunc(n.GetTargetList(), func(target *pgast.Node) bool { return target.GetResTarget().GetName() == column })
}

// refusesNull reports whether a CHECK is column IS NOT NULL.
func refusesNull(check *pgast.Node, column string) bool {
	test := check.GetNullTest()
	fields := test.GetArg().GetColumnRef().GetFields()
	return test.GetNulltesttype() == pgast.NullTestType_IS_NOT_NULL && len(fields) == 1 && fields[0].GetString_().GetSval() == column
}

// needsValue reports whether a column definition refuses NULL and gives existing rows nothing else.
func needsValue(def *pgast.ColumnDef) bool {
	has := func(kinds ...pgast.ConstrType) bool {
		return slices.ContainsFunc(def.Constraints, func(n *pgast.Node) bool { return slices.Contains(kinds, n.GetConstraint().GetContype()) })
	}
	return has(pgast.ConstrType_CONSTR_NOTNULL, pgast.ConstrType_CONSTR_PRIMARY) &&
		!has(pgast.ConstrType_CONSTR_DEFAULT, pgast.ConstrType_CONSTR_GENERATED, pgast.ConstrType_CONSTR_IDENTITY)
}

func atOnce(at finding.Position, r *pgschema.Relation, column, format string) *finding.Finding {
	f := finding.New("tenant-column-not-null-at-once", at, object(r)+"."+column, format, column, object(r))
	f.Fix = &finding.Fix{Message: "add the column as it is, fill it in batches, add CHECK (" + quote(column) +
		" IS NOT NULL) NOT VALID, VALIDATE it, and only then SET NOT NULL, which then reads nothing"}
	return &f
}
