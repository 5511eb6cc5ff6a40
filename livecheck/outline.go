package livecheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// mostScans is how many scans of a plan are shown: one of a partitioned table may have thousands.
const mostScans = 8

// outline writes the scans of tenants' tables in a plan, one a line.
func outline(scans []*scan) string {
	var lines []string
	for _, s := range scans {
		if len(lines) == mostScans {
			lines = append(lines, fmt.Sprintf("… and %d more scans", len(scans)-mostScans))
			break
		}
		lines = append(lines, describe(s))
	}
	return strings.Join(lines, "\n")
}

// describe writes a scan as a line.
func describe(s *scan) string {
	line := fmt.Sprintf("%s on %s %s", s.node.Type, s.relation.Name, s.node.Alias)
	if indexes := indexesOf(s.node); len(indexes) > 0 {
		line += " using " + strings.Join(indexes, ", ")
	}
	for _, c := range []struct{ name, text string }{{"index condition", s.node.IndexCond}, {"recheck", s.node.RecheckCond}, {"filter", s.node.Filter}} {
		if c.text != "" {
			line += fmt.Sprintf(", %s %s", c.name, shorten(c.text, 200))
		}
	}
	return line
}

// indexesOf returns the indexes of a scan, also those whose pages a bitmap is made of.
func indexesOf(n *node) []string {
	var names []string
	n.walk(func(n *node) {
		if n.Index != "" && !slices.Contains(names, n.Index) {
			names = append(names, n.Index)
		}
	})
	return names
}

// Bounds of the comparison with plans that no policy is part of.
const (
	mostCompared = 200 // statements, the most expensive ones
	mostRefused  = 3   // statements on tables that the connection's own role may not read
)

// compare plans a statement without the policies, where the connection's own role is not bound by them,
// and keeps that plan when it finds the rows otherwise: what row-level security costs.
func (a *auditor) compare(ctx context.Context, j *judgement, p *planned) error {
	bound := slices.ContainsFunc(j.reach.scans, func(s *scan) bool { return root(j.schema, s.relation).RowSecurity })
	if a.planner.unbound == nil || a.refused >= mostRefused || a.compared >= mostCompared || !bound {
		return nil
	}
	a.planner.unbound.conn = a.planner.conn
	plan, err := a.planner.unbound.explain(ctx, p.text, p.types)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		a.refused++
	}
	if err != nil {
		return err
	}
	a.compared++
	other := newReach(plan, a.db.Schema, a.db.Classes).scans
	if !slices.EqualFunc(j.reach.scans, other, func(x, y *scan) bool {
		return x.relation == y.relation && x.node.Type == y.node.Type && slices.Equal(indexesOf(x.node), indexesOf(y.node))
	}) {
		j.statement.SuperuserPlan = outline(other)
	}
	return nil
}
