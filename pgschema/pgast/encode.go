package pgast

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tenantvet/tenantvet/finding"
)

// Marshal writes a tree as bytes for Unmarshal; nil for none.
func Marshal(node *Node) ([]byte, error) {
	if node == nil {
		return nil, nil
	}
	return proto.Marshal(node)
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(data []byte) (*Node, error) {
	if len(data) == 0 {
		return nil, nil
	}
	node := &Node{}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxDepth}).Unmarshal(data, node); err != nil {
		return nil, fmt.Errorf("tree: %w", err)
	}
	return node, nil
}

// Fixed returns the one position of a source whose text was computed at one place, and whether the
// source is such a one rather than a file.
func (s *Source) Fixed() (finding.Position, bool) {
	if s.place == nil {
		return finding.Position{}, false
	}
	return s.place(0), true
}
