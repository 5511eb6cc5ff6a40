package fleet

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Shard is one of several parts of a fleet that are audited apart. The zero value is all of it.
type Shard struct{ Index, Count int }

// ParseShard reads "2/3": the second of three.
func ParseShard(text string) (Shard, error) {
	index, count, found := strings.Cut(text, "/")
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if !found || err != nil || err2 != nil || i < 1 || i > n {
		return Shard{}, fmt.Errorf("%q is no shard: write 2/3 for the second of three", text)
	}
	return Shard{i, n}, nil
}

// String writes the shard as ParseShard reads it.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// Has reports whether a database belongs to the shard: a matter of its name alone, so that it stays in
// its shard whatever else joins the fleet.
func (s Shard) Has(database string) bool {
	if s.Count <= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(database))
	return binary.BigEndian.Uint64(sum[:])%uint64(s.Count) == uint64(s.Index-1)
}

// Missing says which shards of a fleet are not among those given, or are there twice.
func Missing(shards []*Fleet) []finding.Skipped {
	var skipped []finding.Skipped
	add := func(what, reason string) {
		skipped = append(skipped, finding.Skipped{What: what, Reason: reason, Broken: true})
	}
	seen := map[Shard]int{}
	count := 0
	for _, f := range shards {
		s, err := ParseShard(f.Shard)
		if err != nil {
			if len(shards) > 1 {
				add("shards", "a report of a whole fleet among those that are merged: give the shards of one run")
			}
			return skipped
		}
		if count != 0 && s.Count != count {
			add("shards", fmt.Sprintf("shard %s does not belong to the others, which are of %d", s, count))
			return skipped
		}
		count = s.Count
		seen[s]++
	}
	for i := 1; i <= count; i++ {
		switch s := (Shard{i, count}); {
		case seen[s] == 0:
			add("shard "+s.String(), "its report is not among those that are merged")
		case seen[s] > 1:
			add("shard "+s.String(), "its report is merged more than once")
		}
	}
	return skipped
}
