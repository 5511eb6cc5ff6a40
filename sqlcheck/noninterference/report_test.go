package noninterference

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// report counts trials.
type report struct {
	batches, statements, failed, pinned, interfering, collided, idle int
	// missed do not interfere, but are not called pinned.
	missed []*trial
	// byFeature counts the statements that do not interfere, and the pinned among them.
	byFeature map[string]*share
	errors    map[string]int
	reasons   map[string]int
}

type share struct{ pinned, total int }

func newReport() *report {
	return &report{byFeature: map[string]*share{}, errors: map[string]int{}, reasons: map[string]int{}}
}

func (r *report) add(t *trial) {
	r.statements++
	switch {
	case t.failed != "":
		r.failed++
		r.errors[t.failed]++
		return
	case t.collides:
		r.collided++
		return
	case t.interference == "" && !t.effective:
		r.idle++
		return
	case t.pinned:
		r.pinned++
	case t.interference != "":
		r.interfering++
		return
	default:
		r.missed = append(r.missed, t)
		for _, u := range t.analysis.Undecided {
			r.reasons["undecided: "+u.Reason]++
		}
		for _, x := range t.analysis.References {
			if x.Verdict.String() != "pinned" {
				tied := ""
				if x.Tied {
					tied = " (tied)"
				} else if x.ByKey != nil {
					tied = " (by key)"
				}
				r.reasons[fmt.Sprintf("%s %s: %s%s", x.Command, x.Verdict, x.Reason, tied)]++
			}
		}
	}
	for f := range t.features {
		s := r.byFeature[f]
		if s == nil {
			s = &share{}
			r.byFeature[f] = s
		}
		s.total++
		if t.pinned {
			s.pinned++
		}
	}
}

// summary gives the figures.
func (r *report) summary() string {
	calm := r.pinned + len(r.missed)
	return fmt.Sprintf("%d statements: %d refused by the server, %d with keys of other tenants, %d that returned and changed nothing, %d pinned, %d interfere, %d neither\n"+
		"of %d that never interfered %.1f %% are called pinned\n",
		r.statements, r.failed, r.collided, r.idle, r.pinned, r.interfering, len(r.missed),
		calm, 100*float64(r.pinned)/float64(max(1, calm)))
}

func (r *report) String() string {
	var b strings.Builder
	b.WriteString(r.summary())
	b.WriteString("least often called pinned, by feature:\n")
	features := slices.SortedFunc(maps.Keys(r.byFeature), func(x, y string) int {
		missed := func(f string) int { return r.byFeature[f].total - r.byFeature[f].pinned }
		return cmp.Or(cmp.Compare(missed(y), missed(x)), cmp.Compare(x, y))
	})
	for _, f := range features[:min(15, len(features))] {
		s := r.byFeature[f]
		fmt.Fprintf(&b, "  %-28s %5d of %5d pinned\n", f, s.pinned, s.total)
	}
	b.WriteString("why not:\n")
	top(&b, r.reasons, 10)
	b.WriteString("shortest that were not:\n")
	slices.SortStableFunc(r.missed, func(x, y *trial) int { return cmp.Compare(len(x.sql), len(y.sql)) })
	for _, t := range r.missed[:min(25, len(r.missed))] {
		fmt.Fprintf(&b, "  %d: %s   -- %s\n", t.index, t.sql, t.describe())
	}
	b.WriteString("errors of the server:\n")
	top(&b, r.errors, 10)
	return b.String()
}

func top(b *strings.Builder, counts map[string]int, n int) {
	keys := slices.SortedFunc(maps.Keys(counts), func(x, y string) int { return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y)) })
	for _, key := range keys[:min(n, len(keys))] {
		fmt.Fprintf(b, "  %5d %s\n", counts[key], key)
	}
}
