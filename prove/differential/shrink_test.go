package differential

import (
	"context"
	"slices"
	"testing"
)

// shrink leaves out statements of a trial as long as the static verdict stays wrong.
func shrink(ctx context.Context, t *testing.T, d *database, from *trial) *trial {
	small := from
	for n := max(1, len(small.statements)/2); n > 0; n /= 2 {
		for i := len(small.statements) - n; i >= 0; i -= n {
			less := *small
			less.statements = slices.Delete(slices.Clone(small.statements), i, i+n)
			if run(ctx, t, d, &less) == nil && len(less.unsound()) > 0 {
				small = &less
				i = min(i, len(small.statements)) // what follows has moved here
			}
		}
	}
	return small
}

// run makes the schema of a trial and asks both sides.
func run(ctx context.Context, t *testing.T, d *database, x *trial) (err error) {
	d.clear(ctx, t)
	x.statements, x.refusals = d.apply(ctx, x.statements)
	x.judge()
	if x.report, err = d.try(ctx, x); err != nil {
		return err
	}
	return d.findReadersOfList(ctx, t, x)
}
