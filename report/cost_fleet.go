package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
)

// mostCostly is how many tenants the text lists for a fleet; CSV and JSON have all.
const mostCostly = 50

// WriteCostFleet writes what the tenants take of many databases: a line for each database, then the
// largest tenants over all of them, and what the servers cannot say.
func WriteCostFleet(w io.Writer, audits []*livecheck.Audit, result *finding.Result) error {
	var rows, bytes int64
	for _, a := range audits {
		rows, bytes = rows+a.Skew.Rows, bytes+a.Skew.Bytes
	}
	fmt.Fprintf(w, "%s: %d rows and %s of tenants\n", count(len(audits), "database"), rows, size(bytes))
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "  database\trows\tspace\tshare\tlargest tenant")
	for _, a := range slices.SortedStableFunc(slices.Values(audits), func(a, b *livecheck.Audit) int { return cmp.Compare(b.Skew.Bytes, a.Skew.Bytes) }) {
		largest := "not known"
		if len(a.Skew.Tenants) > 0 {
			largest = fmt.Sprintf("%s %s", clean(a.Skew.Tenants[0].Tenant), percent(a.Skew.Tenants[0].ByteShare))
		}
		fmt.Fprintf(out, "  %s\t%d\t%s\t%s\t%s\n", clean(a.Database), a.Skew.Rows, size(a.Skew.Bytes), percent(part(a.Skew.Bytes, bytes)), largest)
	}
	fmt.Fprintln(out, "\n  tenant\trows\tspace\tshare\tin")
	tenants := costly(audits)
	for _, t := range tenants[:min(len(tenants), mostCostly)] {
		fmt.Fprintf(out, "  %s\t%d\t%s\t%s\t%s\n", clean(t.Tenant), t.Rows, size(t.Bytes), percent(part(t.Bytes, bytes)), clean(t.databases()))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if rest := len(tenants) - mostCostly; rest > 0 {
		fmt.Fprintf(w, "  and %d more: --format csv has all\n", rest)
	}
	unknown := tally{}
	for _, a := range audits {
		for _, sentence := range a.Skew.Unknown {
			unknown[sentence]++
		}
	}
	for _, sentence := range unknown.sorted() {
		fmt.Fprintf(w, "  not known in %d of %d databases: %s\n", unknown[sentence], len(audits), clean(sentence))
	}
	for _, s := range result.Skipped {
		fmt.Fprintf(w, "  not read: %s: %s\n", clean(s.What), clean(s.Reason))
	}
	return nil
}

// fleetTenant is what one tenant takes of a fleet. A tenant may have rows in several databases.
type fleetTenant struct {
	livecheck.TenantShare
	in []string
}

func (t *fleetTenant) databases() string {
	if len(t.in) == 1 {
		return t.in[0]
	}
	return fmt.Sprintf("%s and %d more", t.in[0], len(t.in)-1)
}

// costly sums the tenants up over the databases, the largest first.
func costly(audits []*livecheck.Audit) []*fleetTenant {
	byName := map[string]*fleetTenant{}
	var all []*fleetTenant
	for _, a := range audits {
		for _, share := range a.Skew.Tenants {
			t := byName[share.Tenant]
			if t == nil {
				t = &fleetTenant{TenantShare: livecheck.TenantShare{Tenant: share.Tenant}}
				byName[share.Tenant], all = t, append(all, t)
			}
			t.Rows, t.Bytes, t.in = t.Rows+share.Rows, t.Bytes+share.Bytes, append(t.in, a.Database)
		}
	}
	slices.SortStableFunc(all, func(a, b *fleetTenant) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Tenant, b.Tenant))
	})
	return all
}

func part(n, of int64) float64 { return float64(n) / float64(max(of, 1)) }
