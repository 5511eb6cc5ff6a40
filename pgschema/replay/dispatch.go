package replay

import (
	"fmt"
	"reflect"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// dispatch applies a statement by its kind. Kinds that change nothing the schema models are named
// at the end; any other is an error, so that none is dropped in silence.
func (r *replayer) dispatch(node *pgast.Node) error {
	switch n := pgast.Unwrap(node).(type) {
	case *pgast.CreateStmt:
		return r.createTable(n, pgschema.Table)
	case *pgast.CreateForeignTableStmt:
		return r.createTable(n.BaseStmt, pgschema.ForeignTable)
	case *pgast.CreateTableAsStmt:
		return r.createTableAs(n)
	case *pgast.AlterTableStmt:
		return r.alterTable(n)
	case *pgast.IndexStmt:
		return r.createIndex(n)
	case *pgast.ViewStmt:
		return r.createView(n)
	case *pgast.CreateSeqStmt:
		return r.createSequence(n)
	case *pgast.AlterSeqStmt:
		return r.alterSequence(n)
	case *pgast.CreateFunctionStmt:
		return r.createFunction(n)
	case *pgast.AlterFunctionStmt:
		return r.alterFunction(n)
	case *pgast.CreateTrigStmt:
		return r.createTrigger(n)
	case *pgast.RuleStmt:
		return r.createRule(n)
	case *pgast.CreatePolicyStmt:
		return r.createPolicy(n)
	case *pgast.AlterPolicyStmt:
		return r.alterPolicy(n)

	case *pgast.CreateSchemaStmt:
		return r.createSchema(n)
	case *pgast.CreateEnumStmt:
		return r.createEnum(n)
	case *pgast.CreateDomainStmt:
		return r.createDomain(n)
	case *pgast.CompositeTypeStmt:
		return r.createComposite(n)
	case *pgast.CreateRangeStmt:
		return r.createRange(n)
	case *pgast.AlterEnumStmt:
		return r.alterEnum(n)
	case *pgast.CreateExtensionStmt:
		return r.createExtension(n)

	case *pgast.DropStmt:
		return r.drop(n)
	case *pgast.RenameStmt:
		return r.rename(n)
	case *pgast.AlterObjectSchemaStmt:
		return r.setSchema(n)
	case *pgast.AlterOwnerStmt:
		return r.alterOwner(n)
	case *pgast.ReassignOwnedStmt:
		return r.reassignOwned(n)
	case *pgast.DropOwnedStmt:
		return r.dropOwnedObjects(n)

	case *pgast.CreateRoleStmt:
		return r.createRole(n)
	case *pgast.AlterRoleStmt:
		return r.alterRole(n)
	case *pgast.AlterRoleSetStmt:
		return r.alterRoleSet(n)
	case *pgast.DropRoleStmt:
		return r.dropRole(n)
	case *pgast.GrantRoleStmt:
		return r.grantRole(n)
	case *pgast.GrantStmt:
		return r.grantPrivileges(n)
	case *pgast.AlterDefaultPrivilegesStmt:
		return r.alterDefaultPrivileges(n)
	case *pgast.AlterDatabaseSetStmt:
		return r.setSettingDefault(pgschema.SettingDefault{Database: n.Dbname}, n.Setstmt)
	case *pgast.AlterSystemStmt:
		return r.alterSystem(n)

	case *pgast.VariableSetStmt:
		return r.setting(n)
	case *pgast.TransactionStmt:
		return r.transaction(n)
	case *pgast.DiscardStmt:
		r.startSession()
		return nil
	case *pgast.SelectStmt:
		return r.selectStatement(n)
	case *pgast.DoStmt:
		return r.do(n)
	case *pgast.CallStmt:
		return r.callProcedure(n.Funccall, &evaluator{r: r})

	case *pgast.InsertStmt:
		return r.changeRows("InsertStmt", n.Relation)
	case *pgast.UpdateStmt:
		return r.changeRows("UpdateStmt", n.Relation)
	case *pgast.DeleteStmt:
		return r.changeRows("DeleteStmt", n.Relation)
	case *pgast.MergeStmt:
		return r.changeRows("MergeStmt", n.Relation)
	case *pgast.CopyStmt:
		if n.IsFrom {
			return r.changeRows("CopyStmt", n.Relation)
		}
		return nil
	case *pgast.CreateEventTrigStmt:
		return r.eventTrigger(n)
	case *pgast.TruncateStmt:
		for _, rel := range n.Relations {
			r.rowEvent("TruncateStmt", rel.GetRangeVar())
		}
		return nil

	case *pgast.ReindexStmt:
		r.reindex(n)
		return nil
	case *pgast.CommentStmt, *pgast.SecLabelStmt, *pgast.VacuumStmt, *pgast.ClusterStmt,
		*pgast.RefreshMatViewStmt, *pgast.LockStmt, *pgast.ExplainStmt, *pgast.CheckPointStmt, *pgast.LoadStmt,
		*pgast.NotifyStmt, *pgast.ListenStmt, *pgast.UnlistenStmt, *pgast.VariableShowStmt, *pgast.ConstraintsSetStmt,
		*pgast.DeclareCursorStmt, *pgast.FetchStmt, *pgast.ClosePortalStmt, *pgast.DeallocateStmt, *pgast.PrepareStmt:
		return nil // data, statistics and the session alone
	case *pgast.DefineStmt:
		return r.define(n)
	case *pgast.CreateCastStmt:
		return r.createCast(n)
	case *pgast.CreateStatsStmt, *pgast.AlterStatsStmt, *pgast.CreateConversionStmt,
		*pgast.CreateOpClassStmt, *pgast.CreateOpFamilyStmt, *pgast.AlterOpFamilyStmt, *pgast.AlterOperatorStmt,
		*pgast.CreatePLangStmt, *pgast.CreateTransformStmt, *pgast.CreateAmStmt, *pgast.AlterCollationStmt,
		*pgast.AlterTSDictionaryStmt, *pgast.AlterTSConfigurationStmt, *pgast.AlterTypeStmt, *pgast.AlterDomainStmt,
		*pgast.AlterEventTrigStmt, *pgast.AlterExtensionStmt, *pgast.AlterExtensionContentsStmt,
		*pgast.AlterObjectDependsStmt, *pgast.AlterTableMoveAllStmt, *pgast.CreateTableSpaceStmt, *pgast.DropTableSpaceStmt,
		*pgast.AlterTableSpaceOptionsStmt, *pgast.CreatedbStmt, *pgast.DropdbStmt, *pgast.AlterDatabaseStmt,
		*pgast.AlterDatabaseRefreshCollStmt, *pgast.CreateFdwStmt, *pgast.AlterFdwStmt, *pgast.CreateForeignServerStmt,
		*pgast.AlterForeignServerStmt, *pgast.CreateUserMappingStmt, *pgast.AlterUserMappingStmt, *pgast.DropUserMappingStmt,
		*pgast.CreatePublicationStmt, *pgast.AlterPublicationStmt, *pgast.CreateSubscriptionStmt,
		*pgast.AlterSubscriptionStmt, *pgast.DropSubscriptionStmt:
		return nil // objects that the schema does not model
	}
	return fmt.Errorf("not replayed: %s", reflect.TypeOf(pgast.Unwrap(node)).Elem().Name())
}

// rowEvent records a statement that changes rows; of the many that fill a table one after the other
// only the first.
func (r *replayer) rowEvent(kind string, v *pgast.RangeVar) {
	name := pgschema.Name{Schema: v.GetSchemaname(), Name: v.GetRelname()}
	if rel := r.find(name.Schema, name.Name); rel != nil {
		name = rel.Name
	}
	if n := len(r.schema.Events); n > 0 && kind == "InsertStmt" {
		if last := r.schema.Events[n-1]; last.Kind == kind && last.Object == name && last.Stmt.Source == r.stmt.Source {
			return
		}
	}
	r.event(kind, name, "")
}

// createExtension notes an extension and its schema, for the types that it brings.
func (r *replayer) createExtension(n *pgast.CreateExtensionStmt) error {
	if _, exists := r.extensions[n.Extname]; exists {
		if n.IfNotExists {
			return nil
		}
		return fmt.Errorf("extension %q exists already at this point", n.Extname)
	}
	schema := ""
	for _, o := range n.Options {
		if o := o.GetDefElem(); o.GetDefname() == "schema" {
			schema = optionText(o)
		}
	}
	if schema == "" {
		for name := range r.path {
			schema = name
			break
		}
	}
	r.extensions[n.Extname] = schema
	return nil
}

// selectStatement applies what a SELECT does beside reading: INTO, set_config and calls of functions
// that hold DDL.
func (r *replayer) selectStatement(n *pgast.SelectStmt) error {
	if n.IntoClause != nil {
		return r.selectInto(n)
	}
	return r.callsIn(n, &evaluator{r: r})
}
