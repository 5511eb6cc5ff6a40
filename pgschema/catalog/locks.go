package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/finding"
)

// attempts are how often the catalog is asked when locks come up while it answers.
const attempts = 4

// locks are the objects whose definitions the server would print only after it has waited, by oid. The
// functions that print an expression open the relations it is about (ruleutils.c); reading the rows of
// the catalog itself does not.
type locks map[uint32]lock

type lock struct {
	// on is the oid of the locked relation: the object itself, or one that its definition names.
	on       uint32
	function bool
}

// findLocks adds the relations that other sessions have locked against readers, or are about to: a
// request that waits is served before later ones. What mentions them goes with them.
func (r *reader) findLocks(ctx context.Context, tx pgx.Tx) error {
	const exclusive = `SELECT DISTINCT relation FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
		AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) `
	rows, err := tx.Query(ctx, exclusive+Marker)
	if err != nil {
		return err
	}
	oids, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil {
		return err
	}
	for _, oid := range oids {
		r.locks[oid] = lock{on: oid}
	}
	if len(r.locks) == 0 {
		return nil
	}
	const mentions = `SELECT o.oid, d.refobjid, o.function FROM pg_depend d JOIN (
			SELECT 'pg_catalog.pg_policy'::regclass AS catalog, p.oid AS part, p.polrelid AS oid, false AS function FROM pg_policy p
			UNION ALL SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid, w.ev_class, false FROM pg_rewrite w
			UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid, f.oid, true FROM pg_proc f
		) o ON d.classid = o.catalog AND d.objid = o.part
		WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ANY (%s) `
	rows, err = tx.Query(ctx, fmt.Sprintf(mentions, array(r.locks.oids()))+Marker)
	if err != nil {
		return err
	}
	var oid uint32
	var l lock
	_, err = pgx.ForEachRow(rows, []any{&oid, &l.on, &l.function}, func() error {
		if _, known := r.locks[oid]; !known {
			r.locks[oid] = l
		}
		return nil
	})
	return err
}

// oids are the locked objects in order.
func (l locks) oids() []uint32 { return slices.Sorted(maps.Keys(l)) }

// locked reports whether the server would have to wait to print what is about an object.
func (r *reader) locked(oid uint32) bool {
	_, locked := r.locks[oid]
	return locked
}

// printed is an expression that makes the server print a definition, but NULL for a locked object.
func (r *reader) printed(oid, expression string) string {
	if len(r.locks) == 0 {
		return expression
	}
	return fmt.Sprintf("CASE WHEN %s <> ALL (%s) THEN %s END", oid, array(r.locks.oids()), expression)
}

// skipLocked marks the relations whose definitions are missing, and says which objects were passed over.
func (r *reader) skipLocked() {
	for _, oid := range slices.Sorted(maps.Keys(r.locks)) {
		l := r.locks[oid]
		what := r.lockedFunctions[oid]
		if rel := r.relations[oid]; rel != nil {
			rel.Locked, what = true, rel.Name.String()
		}
		if what == "" {
			continue // an index, or something of the system
		}
		reason := "not audited: locked by another session, as by a migration: audit again when that is over"
		if l.on != oid {
			reason = "not audited: its definition names a table that another session has locked, as by a migration: audit again when that is over"
			if on := r.relations[l.on]; on != nil {
				reason = strings.Replace(reason, "a table that", on.Name.String()+", which", 1)
			}
		}
		r.schema.Skipped = append(r.schema.Skipped, finding.Skipped{What: what, Reason: reason, Broken: true})
	}
}

// passing reports whether asking again may help: a lock came up in between, or an object went away that
// the snapshot still has.
func passing(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == lockNotAvailable || refused.Code == internalError || refused.Code == undefinedTable)
}

// Conditions of the PostgreSQL manual, appendix A.
const (
	lockNotAvailable = "55P03"
	queryCanceled    = "57014"
	internalError    = "XX000"
	undefinedTable   = "42P01"
)

// remedy adds what to do to an error of the server.
func remedy(err error) error {
	var refused *pgconn.PgError
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Code == lockNotAvailable:
		return fmt.Errorf("a catalog of the system is locked, as by VACUUM FULL, or a migration locks one table after the other: audit again when that is over (%w)", err)
	case refused.Code == queryCanceled:
		return fmt.Errorf("a query on the catalog took longer than %s: audit again when the server has less to do (%w)", statementTimeout, err)
	}
	return err
}
