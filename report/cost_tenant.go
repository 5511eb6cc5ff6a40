package report

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/tenantvet/tenantvet/livecheck"
)

// WriteCostOf writes what one tenant takes of the databases, table by table. The statistics keep the
// most common tenants only: of one that is not among them they tell how much it takes at most.
func WriteCostOf(w io.Writer, audits []*livecheck.Audit, tenant string) error {
	for i, a := range audits {
		if i > 0 {
			fmt.Fprintln(w)
		}
		name := fmt.Sprintf("%s: tenant %s", clean(a.Database), clean(tenant))
		if a.Skew == nil {
			fmt.Fprintf(w, "%s: nothing is known of the tenants\n", name)
			continue
		}
		at := slices.IndexFunc(a.Skew.Tenants, func(t livecheck.TenantShare) bool { return t.Tenant == tenant })
		switch {
		case at >= 0:
			t := a.Skew.Tenants[at]
			fmt.Fprintf(w, "%s has about %d rows (%s) and %s (%s)", name, t.Rows, percent(t.Share), size(t.Bytes), percent(t.ByteShare))
			if t.Milliseconds > 0 {
				fmt.Fprintf(w, ", and took %.1f s of statements (%s)", t.Milliseconds/1000, percent(t.TimeShare))
			}
			fmt.Fprintln(w)
		case len(a.Skew.Tables) > 0:
			fmt.Fprintf(w, "%s is not among the most common tenants of any table\n", name)
		default:
			fmt.Fprintf(w, "%s has nothing here of its own\n", name)
		}
		out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, table := range a.Skew.Tables {
			fmt.Fprintf(out, "  %s\t%s\n", clean(table.Table), partOf(table, tenant))
		}
		if err := out.Flush(); err != nil {
			return err
		}
		for _, sentence := range a.Skew.Unknown {
			fmt.Fprintf(w, "  not known: %s\n", clean(sentence))
		}
	}
	return nil
}

// partOf says what a tenant takes of a table.
func partOf(table livecheck.TableSkew, tenant string) string {
	least := 1.0
	for _, t := range table.Tenants {
		if t.Tenant == tenant {
			return fmt.Sprintf("%d rows\t%s\t%s", t.Rows, percent(t.Share), size(t.Bytes))
		}
		least = min(least, t.Share)
	}
	switch {
	case table.Unknown != "":
		return "not known: " + clean(table.Unknown)
	case table.Rows == 0:
		return "no rows"
	case len(table.Tenants) > 0 && int64(len(table.Tenants)) >= table.Number:
		return "hardly any rows"
	case len(table.Tenants) > 0:
		return fmt.Sprintf("at most %d rows\t%s\t%s", int64(least*float64(table.Rows)), percent(least), size(int64(least*float64(table.Bytes))))
	}
	return fmt.Sprintf("about %d rows, as each of %d tenants", table.Rows/max(table.Number, 1), table.Number)
}
