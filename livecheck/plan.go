package livecheck

import (
	"slices"
	"strings"
)

// node is one node of a plan as EXPLAIN (VERBOSE, FORMAT JSON) writes it (PostgreSQL manual, 14.1).
type node struct {
	Type         string   `json:"Node Type"`
	Relationship string   `json:"Parent Relationship"`
	Subplan      string   `json:"Subplan Name"`
	Schema       string   `json:"Schema"`
	Relation     string   `json:"Relation Name"`
	Alias        string   `json:"Alias"`
	Index        string   `json:"Index Name"`
	JoinType     string   `json:"Join Type"`
	CTE          string   `json:"CTE Name"`
	Output       []string `json:"Output"`
	IndexCond    string   `json:"Index Cond"`
	RecheckCond  string   `json:"Recheck Cond"`
	TIDCond      string   `json:"TID Cond"`
	Filter       string   `json:"Filter"`
	HashCond     string   `json:"Hash Cond"`
	MergeCond    string   `json:"Merge Cond"`
	JoinFilter   string   `json:"Join Filter"`
	Removed      int      `json:"Subplans Removed"`
	Cost         float64  `json:"Total Cost"`
	Plans        []*node  `json:"Plans"`
}

// walk visits a plan from the top.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, child := range n.Plans {
		child.walk(visit)
	}
}

// isScan reports whether a node reads a table. A Bitmap Index Scan belongs to its Bitmap Heap Scan.
func (n *node) isScan() bool { return n.Relation != "" && strings.HasSuffix(n.Type, "Scan") }

func (n *node) isJoin() bool { return n.JoinType != "" }

// combines reports whether rows of a plan come from several branches: a set operation, partitions.
func (n *node) combines() bool {
	switch n.Type {
	case "Append", "Merge Append", "Recursive Union", "SetOp":
		return true
	}
	return slices.ContainsFunc(n.Plans, (*node).combines)
}

// sides returns the children that a join reads its rows from.
func (n *node) sides() (outer, inner *node) {
	for _, child := range n.Plans {
		switch child.Relationship {
		case "Outer":
			outer = child
		case "Inner":
			inner = child
		}
	}
	return outer, inner
}

// aliases returns the names by which conditions refer to the rows of a subtree.
func (n *node) aliases() map[string]bool {
	found := map[string]bool{}
	n.walk(func(m *node) {
		if m.Alias != "" {
			found[m.Alias] = true
		}
	})
	return found
}
