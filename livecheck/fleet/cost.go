package fleet

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Cost reads what each tenant takes of the databases of a fleet, and nothing else: the Skew of each
// audit, in order of the databases' names. Those that could not be read are in the result, which is then
// broken. The error says that it could not be found out which databases there are.
func Cost(ctx context.Context, file *tenancy.Fleet, o Options) ([]*livecheck.Audit, finding.Result, error) {
	result := finding.Result{Notes: file.Notes}
	targets, _, err := resolve(ctx, file, &result)
	if err != nil {
		return nil, result, err
	}
	result.Findings = nil // where tenants are placed is another question
	targets = slices.DeleteFunc(targets, func(t *target) bool { return !o.Shard.Has(t.name) })
	audits := make([]*livecheck.Audit, len(targets))
	failed := make([]error, len(targets))
	each(targets, file.Parallel, func(i int, t *target) { audits[i], failed[i] = t.cost(ctx, o.Audit) })
	for i, t := range targets {
		if failed[i] != nil {
			missing := t.missing(ctx, failed[i])
			missing.What = t.name + ": " + missing.What
			result.Skipped = append(result.Skipped, missing)
		}
	}
	audits = slices.DeleteFunc(audits, func(a *livecheck.Audit) bool { return a == nil })
	slices.SortFunc(audits, func(a, b *livecheck.Audit) int { return strings.Compare(a.Database, b.Database) })
	result.Sort()
	return audits, result, nil
}

// cost reads what each tenant takes of one database.
func (t *target) cost(ctx context.Context, o livecheck.Options) (*livecheck.Audit, error) {
	conn, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	audit, err := livecheck.Cost(ctx, conn, o)
	if err != nil {
		return nil, err
	}
	audit.Database = t.name
	audit.Schema, audit.Classes, audit.Model = nil, nil, nil // a fleet of them would fill the memory
	return audit, nil
}
