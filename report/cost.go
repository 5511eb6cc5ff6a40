package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/tenantvet/tenantvet/livecheck"
)

// costTables is how many tables the text shows for a tenant.
const costTables = 3

// WriteCost writes what each tenant takes of the databases, the largest first, and what the servers
// cannot say about it.
func WriteCost(w io.Writer, audits []*livecheck.Audit) error {
	for i, a := range audits {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if a.Skew == nil {
			fmt.Fprintf(w, "%s: nothing is known of its tenants\n", clean(a.Database))
			continue
		}
		fmt.Fprintf(w, "%s: %d rows and %s of tenants\n", clean(a.Database), a.Skew.Rows, size(a.Skew.Bytes))
		timed := slices.ContainsFunc(a.Skew.Tenants, func(t livecheck.TenantShare) bool { return t.Milliseconds > 0 })
		out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprint(out, "  tenant\trows\tshare\tspace\tshare\t")
		if timed {
			fmt.Fprint(out, "time\tshare\t")
		}
		fmt.Fprintln(out, "largest in")
		for _, t := range a.Skew.Tenants {
			fmt.Fprintf(out, "  %s\t%d\t%s\t%s\t%s\t", clean(t.Tenant), t.Rows, percent(t.Share), size(t.Bytes), percent(t.ByteShare))
			if timed {
				fmt.Fprintf(out, "%.1f s\t%s\t", t.Milliseconds/1000, percent(t.TimeShare))
			}
			fmt.Fprintln(out, clean(largestIn(a.Skew, t.Tenant)))
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

// largestIn lists the tables in which a tenant has the most rows.
func largestIn(s *livecheck.Skew, tenant string) string {
	type part struct {
		table string
		share livecheck.TenantShare
	}
	var parts []part
	for _, table := range s.Tables {
		for _, t := range table.Tenants {
			if t.Tenant == tenant {
				parts = append(parts, part{table.Table, t})
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.share.Rows, a.share.Rows) })
	var text string
	for _, p := range parts[:min(len(parts), costTables)] {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s %s", p.table, percent(p.share.Share))
	}
	return text
}

// WriteCostCSV writes a line for each tenant of each database, and one for each of its tables.
func WriteCostCSV(w io.Writer, audits []*livecheck.Audit) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"database", "tenant", "table", "rows", "row_share", "bytes", "byte_share", "total_ms", "time_share"}); err != nil {
		return err
	}
	line := func(database, table string, t livecheck.TenantShare) error {
		number := func(f float64) string { return strconv.FormatFloat(f, 'f', 4, 64) }
		return out.Write([]string{database, t.Tenant, table, strconv.FormatInt(t.Rows, 10), number(t.Share),
			strconv.FormatInt(t.Bytes, 10), number(t.ByteShare), number(t.Milliseconds), number(t.TimeShare)})
	}
	for _, a := range audits {
		if a.Skew == nil {
			continue
		}
		for _, t := range a.Skew.Tenants {
			if err := line(a.Database, "", t); err != nil {
				return err
			}
		}
		for _, table := range a.Skew.Tables {
			for _, t := range table.Tenants {
				if err := line(a.Database, table.Table, t); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// size writes a number of bytes in the largest unit of 1,024 that leaves at least 1.
func size(bytes int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	value, unit := float64(bytes), 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}
